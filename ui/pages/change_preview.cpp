#include "ui/pages/change_preview.h"

#include "ui/dialogs/command_dialog.h"
#include "ui/format.h"
#include "ui/models/outcome_words.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/labels.h"

#include <QPointer>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int delayMs = 250;

}  // namespace

ChangePreview::ChangePreview(QWidget* parent)
    : QWidget(parent), m_words(new TextLabel({}, TextRole::Small, TextTone::Secondary)), m_command(new CodeBlock)
{
    m_words->setObjectName(QStringLiteral("changePreview"));
    m_words->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(m_words);
    column->addWidget(m_command);
    m_both = makeCommandButton([] { return tr("What is typed above"); },
                               [this]() -> Result<native::ShellLines> { return m_shell(*m_intent); });
    column->addWidget(m_both, 0, Qt::AlignLeft);
    column->addStretch();
    m_delay.setSingleShot(true);
    m_delay.setInterval(delayMs);
    connect(&m_delay, &QTimer::timeout, this, &ChangePreview::ask);
    clear();
}

void ChangePreview::show(Intent intent, const QString& stem, const QString& more)
{
    clear();
    m_intent = std::move(intent);
    m_more = more;
    if (m_shell) {
        const ShellCommand command = shellCommand(m_shell(*m_intent), stem);
        m_command->setContent(tr("As a command"), {}, command.shown);
        m_command->setCopied(command.full);
        m_command->setVisible(!command.shown.isEmpty());
        m_both->show();
    }
    m_delay.start();
}

void ChangePreview::clear()
{
    ++m_question;
    m_delay.stop();
    m_intent.reset();
    m_isRefused = false;
    m_words->clear();
    m_words->hide();
    m_command->hide();
    m_both->hide();
}

void ChangePreview::ask()
{
    if (!m_intent || !m_dryRun)
        return;
    const QPointer<ChangePreview> self(this);
    m_dryRun(*m_intent, [self, question = m_question](const Result<CommandOutcome>& outcome) {
        if (self && question == self->m_question)
            self->take(outcome);
    });
}

void ChangePreview::take(const Result<CommandOutcome>& outcome)
{
    m_isRefused = !outcome;
    QStringList sentences;
    if (outcome) {
        sentences = words::consequences(*outcome, words::SessionFate::Moves);
        if (!m_more.isEmpty())
            sentences << m_more;
        if (sentences.isEmpty())
            sentences << tr("No node, window or session changes with it.");
    } else {
        sentences << format::errorLine(outcome.error());
    }
    m_words->setTone(outcome ? TextTone::Secondary : TextTone::Critical);
    m_words->setText(sentences.join(QLatin1Char('\n')));
    m_words->show();
    Q_EMIT answered();
}

}  // namespace headgate
