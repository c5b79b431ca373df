#include "core/plane/ctl/users.h"

#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/outcome.h"
#include "core/plane/ctl/prompt.h"
#include "core/plane/ctl/table.h"
#include "core/wire/native_codec.h"

#include <ostream>

namespace headgate::ctl {
namespace {

using native::Route;
using nlohmann::json;

std::string scopeText(const json& user)
{
    std::string text;
    for (const json& name : user.value("deployments", json::array()))
        text += (text.empty() ? "" : ",") + name.get<std::string>();
    return text.empty() ? "(everything)" : text;
}

Outcome<void> listUsers(Session& session, const Desk& desk)
{
    const auto body = session.get(native::callTo(Route::ListUsers));
    if (!body)
        return tl::unexpected(body.error());
    TextTable table({"NAME", "ROLE", "STATE", "DEPLOYMENTS", "TOKENS", "SESSIONS", "VERSION", "CHANGED", "BY"});
    for (const json& user : body->value("users", json::array())) {
        table.addRow({at(user, "/name"), at(user, "/role"), at(user, "/state"), scopeText(user), at(user, "/tokens"),
                      at(user, "/sessions"), at(user, "/version"), at(user, "/updatedAt"), at(user, "/updatedBy")});
    }
    print(desk, *body, table.text());
    return {};
}

json deploymentsOf(const Arguments& arguments)
{
    json names = json::array();
    std::string rest = arguments.value("deployments").value_or("");
    while (!rest.empty()) {
        const std::string name = rest.substr(0, rest.find(','));
        rest.erase(0, name.size() + 1);
        if (!name.empty())
            names.push_back(name);
    }
    return names;
}

Outcome<void> send(Session& session, const Desk& desk, native::HttpCall call, const json& body, const std::string& what)
{
    if (!body.is_null())
        call.body = native::write(body);
    if (executionOf(desk.arguments) == Execution::DryRun)
        call.target += "?dryRun=true";
    const auto answer = session.call(call);
    if (!answer)
        return tl::unexpected(answer.error());
    const auto outcome = native::commandOutcomeFromJson(answer->body);
    if (!outcome)
        return tl::unexpected(Failure{ExitStatus::Refused, outcome.error()});
    printOutcome(desk, what + (outcome->isDryRun ? " This was only tried." : ""), *outcome);
    return {};
}

Outcome<void> createUser(Session& session, const Desk& desk, const std::string& name)
{
    const auto secret = newPassword(desk.arguments);
    if (!secret)
        return tl::unexpected(secret.error());
    const json user{{"name", name},
                    {"password", *secret},
                    {"role", desk.arguments.value("role").value_or("viewer")},
                    {"deployments", deploymentsOf(desk.arguments)}};
    return send(session, desk, native::callTo(Route::CreateUser), user, "User " + name + " is made.");
}

// What is not given stays as it is.
Outcome<void> changeUser(Session& session, const Desk& desk, const std::string& name)
{
    const auto present = session.get(native::callTo(Route::ReadUser, name));
    if (!present)
        return tl::unexpected(present.error());
    json rights{{"role", present->value("role", "viewer")},
                {"deployments", present->value("deployments", json::array())}};
    if (const auto role = desk.arguments.value("role"))
        rights["role"] = *role;
    if (desk.arguments.has("deployments"))
        rights["deployments"] = deploymentsOf(desk.arguments);
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    native::HttpCall call = native::callTo(Route::ReplaceUser, name);
    call.ifMatch = ifMatch->value_or(present->value("version", std::uint64_t(0)));
    return send(session, desk, call, rights, "User " + name + " is changed.");
}

Outcome<void> setPassword(Session& session, const Desk& desk, const std::string& name)
{
    const auto secret = newPassword(desk.arguments);
    if (!secret)
        return tl::unexpected(secret.error());
    return send(session, desk, native::callTo(Route::SetUserPassword, name), {{"password", *secret}},
                "User " + name + " has the new password and is signed out.");
}

Outcome<void> deleteUser(Session& session, const Desk& desk, const std::string& name)
{
    if (!desk.arguments.has("yes") && !desk.arguments.has("dry-run")) {
        const auto typed = ask("Type its name to delete it: ", "Use --yes to delete without asking.");
        if (!typed)
            return tl::unexpected(typed.error());
        if (*typed != name)
            return wrongUsage("That is another name; nothing was deleted.");
    }
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    native::HttpCall call = native::callTo(Route::DeleteUser, name);
    call.ifMatch = *ifMatch;
    return send(session, desk, std::move(call), nullptr, "User " + name + " is deleted.");
}

}  // namespace

Outcome<void> runUsers(Session& session, const Desk& desk)
{
    const auto& words = desk.arguments.words;
    const std::string verb = words.empty() ? "list" : words[0];
    if (verb == "list" && words.size() < 2)
        return listUsers(session, desk);
    if (words.size() < 2)
        return wrongUsage("The name of the user is missing.", "Write headgatectl users " + verb + " NAME.");
    if (verb == "create")
        return createUser(session, desk, words[1]);
    if (verb == "set")
        return changeUser(session, desk, words[1]);
    if (verb == "disable")
        return send(session, desk, native::callTo(Route::DisableUser, words[1]), nullptr,
                    "User " + words[1] + " is disabled and signed out.");
    if (verb == "enable")
        return send(session, desk, native::callTo(Route::EnableUser, words[1]), nullptr,
                    "User " + words[1] + " is enabled.");
    if (verb == "password")
        return setPassword(session, desk, words[1]);
    if (verb == "delete")
        return deleteUser(session, desk, words[1]);
    return wrongUsage("There is no \"users " + verb + "\".", "headgatectl users --help lists what there is.");
}

}  // namespace headgate::ctl
