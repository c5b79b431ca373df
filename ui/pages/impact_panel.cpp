#include "ui/pages/impact_panel.h"

#include "ui/dialogs/command_dialog.h"
#include "ui/format.h"
#include "ui/models/outcome_words.h"
#include "ui/pages/change_words.h"
#include "ui/shell/theme.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int commandPx = 92;

Status statusOf(int sessions)
{
    return sessions > 0 ? Status::Warning : Status::Ok;
}

}  // namespace

ImpactPanel::ImpactPanel(QWidget* parent)
    : QFrame(parent),
      m_when(new TextLabel({}, TextRole::Caption, TextTone::Secondary)),
      m_refusal(new Notice),
      m_changesTitle(new TextLabel(tr("Changes"), TextRole::Section)),
      m_changes(new KeyValueList),
      m_effectTitle(new TextLabel(tr("Effect"), TextRole::Section)),
      m_effects(new KeyValueList),
      m_sentences(new TextLabel({}, TextRole::Small, TextTone::Secondary)),
      m_command(new QPlainTextEdit)
{
    setProperty("panel", true);
    auto* inner = new QWidget;
    inner->setObjectName(QStringLiteral("surface"));
    inner->setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(inner);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(8);
    column->addWidget(new TextLabel(tr("If applied now"), TextRole::Heading));
    m_when->setWordWrap(true);
    m_sentences->setWordWrap(true);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_when, m_refusal, m_changesTitle, m_changes, m_effectTitle,
                                                           m_effects, m_sentences})
        column->addWidget(widget);
    column->addStretch();
    auto* head = new QHBoxLayout;
    head->addWidget(new TextLabel(tr("As a command"), TextRole::Section));
    head->addStretch();
    auto* copy = makeIconButton(QStringLiteral("copy"), tr("Copy the command line"));
    head->addWidget(copy);
    column->addLayout(head);
    m_command->setReadOnly(true);
    m_command->setFont(textFont(TextRole::Mono));
    m_command->setAccessibleName(tr("Command line"));
    m_command->setFixedHeight(scaled(commandPx));
    m_command->setTabChangesFocus(true);
    column->addWidget(m_command);
    column->addWidget(makeCommandButton([] { return tr("What is changed in the form"); },
                                        [this]() -> Result<native::ShellLines> { return m_source(); }),
                      0, Qt::AlignLeft);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(inner);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    m_refusal->hide();
    connect(copy, &QToolButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_full);
        Q_EMIT copied();
    });
    showNothingChanged();
}

void ImpactPanel::showOutcome(const CommandOutcome& outcome, const std::string& document, TimePoint at)
{
    m_refusal->hide();
    m_when->setText(tr("Previewed by the control plane with live data of %1").arg(format::clockSeconds(at)));
    const std::vector<KeyValue> changes = changeRows(changeWords(outcome.changes, document));
    m_changes->setRows(changes);
    m_changesTitle->setVisible(!changes.empty());
    m_changes->setVisible(!changes.empty());
    m_effects->setRows({
        {tr("Viewers affected"), format::count(outcome.viewersAffected), ValueStyle::Figure,
         statusOf(outcome.viewersAffected)},
        {tr("Publishers affected"), format::count(outcome.publishersAffected), ValueStyle::Figure,
         statusOf(outcome.publishersAffected)},
    });
    m_effectTitle->show();
    m_effects->show();
    const QStringList sentences = words::foreseen(outcome);
    m_sentences->setText(sentences.join(QLatin1Char('\n')));
    m_sentences->setVisible(!sentences.isEmpty());
}

void ImpactPanel::showRefusal(const Error& error)
{
    const format::ErrorWords words = format::error(error);
    m_refusal->setContent(Status::Critical, words.title, format::errorLine(error));
    m_refusal->show();
    m_when->setText(tr("Nothing was changed"));
}

void ImpactPanel::showNotValid()
{
    m_refusal->hide();
    m_when->setText(tr("There is an error in the form; this is the last preview without one"));
}

void ImpactPanel::showNothingChanged()
{
    m_refusal->hide();
    m_when->setText(tr("Nothing is changed yet"));
    for (QWidget* widget :
         std::initializer_list<QWidget*>{m_changesTitle, m_changes, m_effectTitle, m_effects, m_sentences})
        widget->hide();
}

void ImpactPanel::setCommand(ShellSource source, const QString& stem)
{
    m_source = std::move(source);
    const ShellCommand command = shellCommand(m_source(), stem);
    m_full = command.full;
    if (m_command->toPlainText() != command.shown)
        m_command->setPlainText(command.shown);
}

}  // namespace headgate
