#pragma once

#include "ui/models/shell_command.h"

#include <QDialog>
#include <QString>

class QPushButton;

namespace headgate {

// An action as it is done from a shell: with headgatectl and with curl, each to be copied.
class CommandDialog : public QDialog
{
    Q_OBJECT

public:
    // `what` names the action: "Delete node group live".
    CommandDialog(const QString& what, const Result<native::ShellLines>& lines, QWidget* parent = nullptr);

    // Opens one that deletes itself.
    static void show(QWidget* parent, const QString& what, const Result<native::ShellLines>& lines);

private:
    QWidget* makeLines(const native::ShellLines& lines);
};

// "Show as command": opens the dialog with what `source` gives then, named as `what` says then.
QPushButton* makeCommandButton(std::function<QString()> what, ShellSource source);

}  // namespace headgate
