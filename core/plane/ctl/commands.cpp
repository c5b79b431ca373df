#include "core/plane/ctl/commands.h"

#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/apply.h"
#include "core/plane/ctl/completion.h"
#include "core/plane/ctl/get.h"
#include "core/plane/ctl/interface_call.h"
#include "core/plane/ctl/objects.h"
#include "core/plane/ctl/outcome.h"
#include "core/plane/ctl/plan.h"
#include "core/plane/ctl/plan_files.h"
#include "core/plane/ctl/preview.h"
#include "core/plane/ctl/prompt.h"
#include "core/plane/ctl/sim.h"
#include "core/plane/ctl/table.h"
#include "core/plane/ctl/usage.h"
#include "core/plane/ctl/users.h"
#include "core/plane/ctl/watch.h"
#include "core/wire/native_codec.h"

#include <charconv>
#include <chrono>
#include <ostream>
#include <thread>

namespace headgate::ctl {
namespace {

using nlohmann::json;

Outcome<std::string> userName(const Arguments& arguments)
{
    if (const auto user = arguments.value("user"))
        return *user;
    return ask("User: ", "Name the user with --user.");
}

Outcome<void> keepTokens(const Desk& desk, const Session& session, const std::string& user, const KeptTokens& tokens)
{
    const auto place = session.tokenPlace().write(tokens);
    if (!place)
        return tl::unexpected(place.error());
    if (auto kept = keepAuthorities(desk.arguments); !kept)
        return kept;
    desk.notes << "Signed in to " << session.server() << " as " << user << "; the token is " << *place << ".\n";
    return {};
}

Outcome<void> runLogin(Session& session, const Desk& desk)
{
    const auto user = userName(desk.arguments);
    if (!user)
        return tl::unexpected(user.error());
    const auto secret = password(desk.arguments);
    if (!secret)
        return tl::unexpected(secret.error());
    const auto tokens = session.signIn(*user, *secret);
    if (!tokens)
        return tl::unexpected(tokens.error());
    return keepTokens(desk, session, *user, *tokens);
}

Outcome<void> runSetup(Session& session, const Desk& desk)
{
    const auto option = desk.arguments.value("setup-token");
    const auto setupToken =
        option ? Outcome<std::string>(*option) : askSecret("Setup token: ", "Name it with --setup-token.");
    if (!setupToken)
        return tl::unexpected(setupToken.error());
    const auto user = userName(desk.arguments);
    if (!user)
        return tl::unexpected(user.error());
    const auto secret = newPassword(desk.arguments);
    if (!secret)
        return tl::unexpected(secret.error());
    native::HttpCall call = native::callTo(native::Route::Setup);
    call.body = native::write({{"token", *setupToken}, {"username", *user}, {"password", *secret}});
    const auto answer = session.call(call);
    if (!answer)
        return tl::unexpected(answer.error());
    const KeptTokens tokens{answer->body.value("accessToken", std::string()),
                            answer->body.value("refreshToken", std::string())};
    return keepTokens(desk, session, *user, tokens);
}

// The group that is meant if none is named: the one where the stream is live, else the only one there is.
Outcome<NodeGroupName> meantGroup(Session& session, RoutePurpose purpose, const std::string& stream)
{
    if (purpose == RoutePurpose::Subscribe) {
        const auto body = session.get(native::callTo(native::Route::ListStreams));
        if (!body)
            return tl::unexpected(body.error());
        for (const json& each : body->value("streams", json::array())) {
            if (each.value(json::json_pointer("/ingest/stream"), "") == stream)
                return NodeGroupName(each.value("nodeGroup", ""));
        }
    }
    const auto body = session.get(native::callTo(native::Route::ListNodeGroups));
    if (!body)
        return tl::unexpected(body.error());
    std::vector<std::string> names;
    for (const json& each : body->value("nodeGroups", json::array()))
        names.push_back(each.value(json::json_pointer("/group/name"), ""));
    if (names.size() == 1)
        return NodeGroupName(names[0]);
    if (names.empty()) {
        return tl::unexpected(Failure{
            ExitStatus::Refused,
            {ErrorCode::NotFound, "There is no node group.", "Create one with headgatectl apply -f FILE.", {}}});
    }
    std::string list;
    for (const std::string& name : names)
        list += (list.empty() ? "" : ", ") + name;
    return wrongUsage("There are several node groups: " + list + ".", "Choose one with --node-group.");
}

std::vector<std::string> commaList(const std::string& text)
{
    std::vector<std::string> parts;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        if (end > start)
            parts.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

Outcome<RouteRequest> routeRequest(Session& session, const Arguments& arguments, RoutePurpose purpose,
                                   const std::string& stream)
{
    auto key = StreamKey::parse(stream);
    if (!key)
        return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(key.error())});
    RouteRequest request;
    request.purpose = purpose;
    request.stream = std::move(*key);
    request.preferredSubgroups = commaList(arguments.value("subgroups").value_or(""));
    request.spill = arguments.has("strict") ? Spill::Strict : Spill::Allowed;
    // Who publishes by itself wants to know where else it may go.
    const std::string endpoints =
        arguments.value("endpoints").value_or(arguments.subcommand->name == "publish-test" ? "2" : "1");
    const auto [end, error] = std::from_chars(endpoints.data(), endpoints.data() + endpoints.size(), request.endpoints);
    if (error != std::errc() || end != endpoints.data() + endpoints.size() || request.endpoints < 1 ||
        request.endpoints > 16)
        return wrongUsage("--endpoints " + endpoints + " is not a number from 1 to 16.");
    if (const auto named = arguments.value("node-group")) {
        request.nodeGroup = NodeGroupName(*named);
        return request;
    }
    auto group = meantGroup(session, purpose, stream);
    if (!group)
        return tl::unexpected(std::move(group.error()));
    request.nodeGroup = std::move(*group);
    return request;
}

Outcome<std::vector<RouteTarget>> askRoute(Session& session, const RouteRequest& request,
                                           const std::string& ticket = {})
{
    const auto body = session.get(native::callFor(request, ticket));
    if (!body)
        return tl::unexpected(body.error());
    std::vector<RouteTarget> targets;
    for (const json& each : body->value("targets", json::array())) {
        auto target = native::routeTargetFromJson(each);
        if (!target)
            return tl::unexpected(Failure{ExitStatus::Refused, std::move(target.error())});
        targets.push_back(std::move(*target));
    }
    return targets;
}

// Comes back with the ticket, when it is told to, until there is a place.
Outcome<std::vector<RouteTarget>> waitForRoute(Session& session, const Desk& desk, const RouteRequest& request)
{
    std::string ticket;
    for (;;) {
        auto targets = askRoute(session, request, ticket);
        const auto waiting = session.lastWaiting();
        if (targets || !waiting)
            return targets;
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(waiting->retryAfter);
        desk.notes << targets.error().error.message << " Asking again in " << seconds.count() << " s.\n" << std::flush;
        std::this_thread::sleep_for(seconds);
        ticket = waiting->ticket;
    }
}

Outcome<void> explainRoute(Session& session, const Desk& desk, const RouteRequest& request)
{
    const auto body = session.get(native::callToExplain(request));
    if (!body)
        return tl::unexpected(body.error());
    auto told = native::routeExplanationFromJson(*body);
    if (!told)
        return tl::unexpected(Failure{ExitStatus::Refused, std::move(told.error())});
    if (desk.format == Format::Json) {
        desk.out << body->dump(2) << "\n";
        return {};
    }
    desk.out << told->outcome << "\n\n";
    for (const std::string& step : told->steps)
        desk.out << step << "\n";
    TextTable table({"PLACE", "NODE", "REGION", "SUBGROUP", "WHY"});
    for (const RouteOption& option : told->options)
        table.addRow({option.place > 0 ? std::to_string(option.place) : "-", option.node.value, option.region,
                      option.pool.subgroup, option.why});
    desk.out << "\n" << table.text();
    return {};
}

Outcome<void> runRoute(Session& session, const Desk& desk)
{
    const auto& words = desk.arguments.words;
    if (words[0] != "publish" && words[0] != "subscribe")
        return wrongUsage("A route is to publish or to subscribe, not to \"" + words[0] + "\".");
    const auto purpose = words[0] == "publish" ? RoutePurpose::Publish : RoutePurpose::Subscribe;
    const auto request = routeRequest(session, desk.arguments, purpose, words[1]);
    if (!request)
        return tl::unexpected(request.error());
    if (desk.arguments.has("explain"))
        return explainRoute(session, desk, *request);
    const auto targets =
        desk.arguments.has("wait") ? waitForRoute(session, desk, *request) : askRoute(session, *request);
    if (!targets)
        return tl::unexpected(targets.error());
    TextTable table({"NODE", "GROUP", "SUBGROUP", "ROLE", "STATE", "URL"});
    json list = json::array();
    for (const RouteTarget& target : *targets) {
        table.addRow({target.node.value, target.pool.nodeGroup.value, target.pool.subgroup, target.pool.role,
                      std::string(native::toWord(target.state)), rtmpUrl(target, words[1])});
        list.push_back(native::toJson(target));
    }
    print(desk, json{{"targets", list}}, table.text());
    return {};
}

Outcome<void> runAuditVerify(Session& session, const Desk& desk)
{
    if (desk.arguments.words[0] != "verify")
        return wrongUsage("There is no \"audit " + desk.arguments.words[0] + "\".", "Write headgatectl audit verify.");
    const auto verdict = session.get(native::callTo(native::Route::VerifyAudit));
    if (!verdict)
        return tl::unexpected(verdict.error());
    const std::string reason = verdict->value("reason", std::string());
    if (!reason.empty())
        return tl::unexpected(
            Failure{ExitStatus::Refused, {ErrorCode::Conflict, reason, "Compare it with a backup.", {}}});
    print(desk, *verdict,
          "All " + std::to_string(verdict->value("rows", std::int64_t(0))) +
              " rows of the audit trail are as they were written.\n");
    return {};
}

Outcome<void> runKeysRotate(Session& session, const Desk& desk)
{
    if (desk.arguments.words[0] != "rotate")
        return wrongUsage("There is no \"keys " + desk.arguments.words[0] + "\".", "Write headgatectl keys rotate.");
    const auto outcome = session.submit(RotateTokenKeys{}, executionOf(desk.arguments));
    if (!outcome)
        return tl::unexpected(outcome.error());
    printOutcome(desk, outcome->isDryRun ? "Tokens would be signed with new keys." : "Tokens are signed with new keys.",
                 *outcome);
    return {};
}

Outcome<void> runSignedIn(Session& session, const Desk& desk)
{
    const std::string_view name = desk.arguments.subcommand->name;
    if (name == "get")
        return runGet(session, desk);
    if (name == "describe")
        return runDescribe(session, desk);
    if (name == "watch")
        return runWatch(session, desk);
    if (name == "audit")
        return runAuditVerify(session, desk);
    if (name == "usage")
        return runUsage(session, desk);
    if (name == "keys")
        return runKeysRotate(session, desk);
    if (name == "users")
        return runUsers(session, desk);
    if (name == "preview")
        return runStoredPreview(session, desk);
    if (name == "edit")
        return runEdit(session, desk);
    if (name == "diff")
        return runDiff(session, desk);
    if (name == "apply")
        return runApply(session, desk);
    if (name == "delete")
        return runDelete(session, desk);
    if (name == "export")
        return runExport(session, desk);
    if (name == "import")
        return runImport(session, desk);
    if (name == "route")
        return runRoute(session, desk);
    if (name == "call")
        return runCall(session, desk);
    if (name == "disconnect")
        return runDisconnect(session, desk);
    if (name == "scale")
        return runScale(session, desk);
    if (name == "set")
        return runSet(session, desk);
    const bool isDeployment = name == "stop" && desk.arguments.words.size() > 1;
    if (name == "start" || name == "restart" || isDeployment)
        return runDeploymentPower(session, desk);
    return runNodeCommand(session, desk);
}

}  // namespace

Outcome<std::vector<RouteTarget>> askRoute(Session& session, const Arguments& arguments, RoutePurpose purpose,
                                           const std::string& stream)
{
    const auto request = routeRequest(session, arguments, purpose, stream);
    return request ? askRoute(session, *request) : tl::unexpected(request.error());
}

std::string rtmpUrl(const RouteTarget& target, const std::string& stream)
{
    const std::string& address = target.endpoints.address;
    const bool isIpv6 = address.find(':') != std::string::npos;
    std::string url = "rtmp://" + (isIpv6 ? "[" + address + "]" : address);
    if (target.endpoints.rtmpPort != 1935)
        url += ":" + std::to_string(target.endpoints.rtmpPort);
    return url + "/" + stream;
}

Outcome<void> run(const Desk& desk)
{
    const std::string_view name = desk.arguments.subcommand->name;
    if (name == "preview" && !desk.arguments.has("stored"))
        return runPreview(desk);
    if (name == "sim")
        return runSim(desk);
    if (name == "completion")
        return runCompletion(desk);
    const bool isOpen = name == "login" || name == "setup";
    auto session = Session::open(desk.arguments, isOpen ? Authorization::None : Authorization::Token);
    if (!session)
        return tl::unexpected(std::move(session.error()));
    if (name == "login")
        return runLogin(**session, desk);
    if (name == "setup")
        return runSetup(**session, desk);
    return runSignedIn(**session, desk);
}

}  // namespace headgate::ctl
