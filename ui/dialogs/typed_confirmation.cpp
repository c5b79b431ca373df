#include "ui/dialogs/typed_confirmation.h"

#include "ui/dialogs/command_dialog.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int dialogWidth = 520;

TextLabel* wrapped(const QString& text, TextTone tone)
{
    auto* label = new TextLabel(text, TextRole::Body, tone);
    label->setWordWrap(true);
    return label;
}

}  // namespace

TypedConfirmation::TypedConfirmation(ConfirmationQuestion question, QWidget* parent)
    : QDialog(parent), m_question(std::move(question))
{
    setWindowTitle(m_question.title);
    setMinimumWidth(scaled(dialogWidth));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 20);
    column->setSpacing(8);
    auto* title = new TextLabel(m_question.title, TextRole::Heading);
    title->setWordWrap(true);
    column->addWidget(title);
    for (const QString& loss : m_question.losses)
        column->addWidget(wrapped(loss, TextTone::Primary));
    if (!m_question.kept.isEmpty())
        column->addWidget(wrapped(m_question.kept, TextTone::Secondary));
    column->addSpacing(8);
    auto* keep = makeButton(m_question.keepText);
    m_act = makeButton(m_question.actText, ButtonKind::DangerFill);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    if (m_question.name.isEmpty()) {
        row->addStretch();
    } else {
        column->addWidget(new TextLabel(m_question.typeLabel, TextRole::SmallStrong, TextTone::Secondary));
        m_name = new QLineEdit;
        m_name->setObjectName(QStringLiteral("confirmationName"));
        m_name->setAccessibleName(m_question.typeLabel);
        m_name->setFont(textFont(TextRole::Mono));
        m_name->setPlaceholderText(m_question.name);
        connect(m_name, &QLineEdit::textChanged, this, &TypedConfirmation::checkName);
        row->addWidget(m_name, 1);
        checkName({});
    }
    if (m_question.asCommand) {
        auto* command = makeCommandButton([title = m_question.actText] { return title; }, m_question.asCommand);
        if (m_question.name.isEmpty()) {
            row->insertWidget(0, command);
        } else {
            auto* above = new QHBoxLayout;
            above->addWidget(column->takeAt(column->count() - 1)->widget(), 1);
            above->addWidget(command);
            column->addLayout(above);
        }
    }
    row->addWidget(keep);
    row->addWidget(m_act);
    column->addLayout(row);
    keep->setObjectName(QStringLiteral("keep"));
    m_act->setObjectName(QStringLiteral("act"));
    m_act->setAutoDefault(false);
    keep->setDefault(true);
    connect(keep, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_act, &QPushButton::clicked, this, &QDialog::accept);
    if (m_name)
        m_name->setFocus();
    else
        keep->setFocus();
}

TypedConfirmation* TypedConfirmation::ask(QWidget* parent, ConfirmationQuestion question,
                                          std::function<void()> confirmed)
{
    auto* dialog = new TypedConfirmation(std::move(question), parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, parent, std::move(confirmed));
    dialog->open();
    return dialog;
}

void TypedConfirmation::checkName(const QString& typed)
{
    m_act->setEnabled(typed.trimmed() == m_question.name);
}

}  // namespace headgate
