#pragma once

#include <QString>

#include <nlohmann/json_fwd.hpp>

namespace headgate {

// What does the same from a shell.
struct ShellCommand
{
    QString shown;  // short enough to stand in a panel
    QString full;   // what Copy gives: the document with it

    bool operator==(const ShellCommand&) const = default;
};

// "headgatectl stop deployment Europe"; `words` are quoted already, `apiUrl` may be empty.
ShellCommand shellCommand(const QString& apiUrl, const QString& words);

// headgatectl apply of `document`, which is a file named after `stem` where it is only shown.
ShellCommand applyCommand(const QString& apiUrl, const QString& stem, const nlohmann::json& document);

}  // namespace headgate
