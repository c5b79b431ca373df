#pragma once

#include "core/domain/command.h"
#include "core/wire/account_calls.h"
#include "core/wire/native_routes.h"

#include <string>
#include <string_view>
#include <vector>

// What does from a shell the same as an action does. Made from the calls that a control plane elsewhere is sent, so
// that both say the same; for POSIX shells.
namespace headgate::native {

struct ShellLines
{
    std::string headgatectl;  // empty: it cannot do it
    std::string curl;
    // Names of variables that hold secrets, beside HEADGATE_TOKEN, in the order in which they stand there. No secret
    // stands in the lines themselves. What curl sends of them stands in JSON: \ and " are written as \\ and \".
    std::vector<std::string> secrets;

    bool operator==(const ShellLines&) const = default;
};

// `server` is the address of the control plane; headgatectl takes its default if it is empty, curl this machine.
// Unsupported for what no interface can do.
Result<ShellLines> shellLines(const CommandRequest& request, std::string_view server);
ShellLines shellLines(const AccountWish& wish, std::string_view server);

// With curl alone, for a Stream Manager that has `present`.
Result<ShellLines> streamManagerLines(const CommandRequest& request, const PlanDocument& present,
                                      std::string_view server);

// curl alone, for a call whose `secrets` stand in the body as secretMark() wrote them.
std::string curlLine(const HttpCall& call, std::string_view server, const std::vector<std::string>& secrets = {});

// Stands in a document for the variable of this name.
std::string secretMark(std::string_view variable);

// One word for a shell; plain where no character means anything to it, else in single quotes.
std::string shellWord(std::string_view text);

}  // namespace headgate::native
