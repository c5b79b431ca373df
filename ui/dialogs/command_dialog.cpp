#include "ui/dialogs/command_dialog.h"

#include "ui/format.h"
#include "ui/shell/theme.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int dialogWidth = 640;
constexpr int mostHeight = 520;

QString variables(const std::vector<std::string>& names)
{
    QStringList list;
    for (const std::string& name : names)
        list << format::text(name);
    return list.join(QStringLiteral(", "));
}

CodeBlock* makeBlock(const QString& name, const QString& title, const QString& note, const std::string& code)
{
    auto* block = new CodeBlock;
    block->setObjectName(name);
    block->setContent(title, note, format::text(code));
    return block;
}

}  // namespace

CommandDialog::CommandDialog(const QString& what, const Result<native::ShellLines>& lines, QWidget* parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Show as command"));
    setMinimumWidth(scaled(dialogWidth));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 20);
    column->setSpacing(8);
    column->addWidget(new TextLabel(windowTitle(), TextRole::Heading));
    auto* action = new TextLabel(what, TextRole::Body, TextTone::Secondary);
    action->setWordWrap(true);
    column->addWidget(action);
    column->addSpacing(8);
    if (lines) {
        column->addWidget(makeLines(*lines), 1);
    } else {
        auto* refusal = new Notice;
        refusal->setContent(Status::Warning, tr("No command does this"), format::errorLine(lines.error()));
        column->addWidget(refusal);
    }
    auto* close = makeButton(tr("Close"));
    close->setObjectName(QStringLiteral("close"));
    close->setDefault(true);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch();
    buttons->addWidget(close);
    column->addSpacing(8);
    column->addLayout(buttons);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    close->setFocus();
}

QWidget* CommandDialog::makeLines(const native::ShellLines& lines)
{
    auto* inner = new QWidget;
    inner->setObjectName(QStringLiteral("surface"));
    inner->setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(inner);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(20);
    if (!lines.headgatectl.empty())
        column->addWidget(makeBlock(QStringLiteral("headgatectlLines"), QStringLiteral("headgatectl"),
                                    tr("Takes the token that headgatectl login kept, or HEADGATE_TOKEN."),
                                    lines.headgatectl));
    if (!lines.curl.empty())
        column->addWidget(makeBlock(QStringLiteral("curlLines"), QStringLiteral("curl"),
                                    tr("Takes the token from HEADGATE_TOKEN."), lines.curl));
    if (!lines.secrets.empty()) {
        auto* secrets = new Notice;
        secrets->setContent(Status::Pending, tr("Secrets are not shown"),
                            tr("Put them into %1. In JSON a \\ or \" in them is written as \\\\ or \\\".")
                                .arg(variables(lines.secrets)));
        column->addWidget(secrets);
    }
    column->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inner);
    scroll->setMinimumHeight(std::min(inner->sizeHint().height(), scaled(mostHeight)));
    return scroll;
}

void CommandDialog::show(QWidget* parent, const QString& what, const Result<native::ShellLines>& lines)
{
    auto* dialog = new CommandDialog(what, lines, parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

QPushButton* makeCommandButton(std::function<QString()> what, ShellSource source)
{
    QPushButton* button =
        makeButton(CommandDialog::tr("Show as command"), ButtonKind::Ghost, QStringLiteral("terminal"));
    button->setObjectName(QStringLiteral("showAsCommand"));
    button->setAutoDefault(false);
    QObject::connect(button, &QPushButton::clicked, button, [button, what = std::move(what), source] {
        CommandDialog::show(button->window(), what(), source());
    });
    return button;
}

}  // namespace headgate
