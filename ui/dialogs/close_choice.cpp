#include "ui/dialogs/close_choice.h"

#include "ui/format.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

QString whatRuns(const RunningNodes& running)
{
    const QString nodes = CloseChoice::tr("%n node(s) run on this machine", nullptr, running.nodes);
    return CloseChoice::tr("%1, with %2 and %3.")
        .arg(nodes, CloseChoice::tr("%n publisher(s)", nullptr, running.publishers),
             CloseChoice::tr("%n viewer(s)", nullptr, running.viewers));
}

}  // namespace

CloseChoice::CloseChoice(const RunningNodes& running, QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("Close Headgate"));
    setMinimumWidth(scaled(480));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 20);
    column->setSpacing(8);
    const auto addLine = [column](const QString& text, TextRole role, TextTone tone) {
        auto* label = new TextLabel(text, role, tone);
        label->setWordWrap(true);
        column->addWidget(label);
    };
    addLine(tr("Keep the local nodes running?"), TextRole::Heading, TextTone::Primary);
    addLine(whatRuns(running), TextRole::Body, TextTone::Primary);
    addLine(
        tr("Kept nodes serve their streams without the console, and the next start finds them again. A node without "
           "publisher and viewer ends itself after 60 s."),
        TextRole::Body, TextTone::Secondary);
    if (running.testStreams > 0)
        addLine(tr("%n test stream(s) of this console will end with it.", nullptr, running.testStreams), TextRole::Body,
                TextTone::Secondary);
    column->addSpacing(8);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    auto* cancel = makeButton(tr("Cancel"), ButtonKind::Ghost);
    auto* stop = makeButton(tr("Stop them"), ButtonKind::Danger);
    auto* keep = makeButton(tr("Keep running"), ButtonKind::Primary);
    cancel->setObjectName(QStringLiteral("cancel"));
    stop->setObjectName(QStringLiteral("stopNodes"));
    keep->setObjectName(QStringLiteral("keepNodes"));
    row->addWidget(cancel);
    row->addStretch();
    row->addWidget(stop);
    row->addWidget(keep);
    column->addLayout(row);
    keep->setDefault(true);
    keep->setFocus();
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(stop, &QPushButton::clicked, this, [this] { answerWith(CloseAnswer::StopNodes); });
    connect(keep, &QPushButton::clicked, this, [this] { answerWith(CloseAnswer::KeepNodes); });
}

void CloseChoice::answerWith(CloseAnswer answer)
{
    m_answer = answer;
    accept();
}

}  // namespace headgate
