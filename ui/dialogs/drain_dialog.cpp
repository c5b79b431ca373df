#include "ui/dialogs/drain_dialog.h"

#include "core/domain/command.h"
#include "ui/dialogs/command_dialog.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int suggestedMinutes = 10;
constexpr int dialogWidth = 460;

}  // namespace

DrainDialog::DrainDialog(const QString& node, int sessions, QWidget* parent)
    : QDialog(parent),
      m_hasDeadline(new QCheckBox(tr("Disconnect whoever is left after, in minutes"))),
      m_minutes(new QSpinBox)
{
    setWindowTitle(tr("Drain node %1?").arg(node));
    setMinimumWidth(scaled(dialogWidth));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 20);
    column->setSpacing(8);
    column->addWidget(new TextLabel(windowTitle(), TextRole::Heading));
    auto* effect = new TextLabel(sessions == 0 ? tr("It takes no new sessions. Nobody is on it, so it ends at once.")
                                               : tr("It takes no new sessions and ends when the %n session(s) on it "
                                                    "have left. Players that can are asked to move.",
                                                    nullptr, sessions),
                                 TextRole::Body);
    effect->setWordWrap(true);
    column->addWidget(effect);
    m_minutes->setRange(1, DrainNode::longestSeconds / 60);
    m_minutes->setValue(suggestedMinutes);
    m_minutes->setEnabled(false);
    m_minutes->setAccessibleName(tr("Minutes until the deadline"));
    m_minutes->setObjectName(QStringLiteral("minutes"));
    m_hasDeadline->setObjectName(QStringLiteral("hasDeadline"));
    auto* deadline = new QHBoxLayout;
    deadline->addWidget(m_hasDeadline);
    deadline->addWidget(m_minutes);
    deadline->addStretch();
    column->addLayout(deadline);
    column->addSpacing(8);
    auto* keep = makeButton(tr("Keep it in service"));
    auto* drain = makeButton(tr("Drain"), ButtonKind::Primary);
    keep->setObjectName(QStringLiteral("keep"));
    drain->setObjectName(QStringLiteral("act"));
    drain->setDefault(true);
    m_buttons = new QHBoxLayout;
    m_buttons->addStretch();
    m_buttons->addWidget(keep);
    m_buttons->addWidget(drain);
    column->addLayout(m_buttons);
    connect(m_hasDeadline, &QCheckBox::toggled, m_minutes, &QSpinBox::setEnabled);
    connect(keep, &QPushButton::clicked, this, &QDialog::reject);
    connect(drain, &QPushButton::clicked, this, &QDialog::accept);
}

std::optional<int> DrainDialog::deadlineSeconds() const
{
    return m_hasDeadline->isChecked() ? std::optional(m_minutes->value() * 60) : std::nullopt;
}

void DrainDialog::setShell(std::function<Result<native::ShellLines>(std::optional<int>)> source)
{
    m_buttons->insertWidget(
        0, makeCommandButton([title = windowTitle()] { return title; },
                             [this, source = std::move(source)] { return source(deadlineSeconds()); }));
}

}  // namespace headgate
