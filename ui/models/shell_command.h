#pragma once

#include "core/wire/shell_lines.h"
#include "ui/models/intent.h"

#include <QString>

#include <functional>

namespace headgate {

// What does from a shell the same as an action, made when it is asked for.
using ShellSource = std::function<Result<native::ShellLines>()>;
using ShellMaker = std::function<Result<native::ShellLines>(const Intent&)>;

// The same with headgatectl alone, or with curl where that cannot do it.
struct ShellCommand
{
    QString shown;  // short enough to stand in a panel
    QString full;   // what Copy gives: the document with it

    bool operator==(const ShellCommand&) const = default;
};

// A document is a file named after `stem` where it is only shown. Empty if there is no command.
ShellCommand shellCommand(const Result<native::ShellLines>& lines, const QString& stem);

}  // namespace headgate
