#include "core/wire/native_routes.h"

#include "core/base/check.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_query.h"
#include "core/wire/plan_import.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace headgate::native {
namespace {

using enum Route;
using enum Method;

constexpr auto plainRows = std::to_array<RouteRow>({
    {Health, Get, "/api/v1/health"},
    {OpenApi, Get, "/api/v1/openapi.yaml"},
    {Setup, Post, "/api/v1/setup", 201},
    {ReadSnapshot, Get, "/api/v1/snapshot"},
    {Events, Get, "/api/v1/events", 101},
    {ListNodeGroups, Get, "/api/v1/node-groups"},
    {CreateNodeGroup, Post, "/api/v1/node-groups", 201},
    {ReadNodeGroup, Get, "/api/v1/node-groups/{name}"},
    {ReplaceNodeGroup, Put, "/api/v1/node-groups/{name}"},
    {PatchNodeGroup, Patch, "/api/v1/node-groups/{name}"},
    {DeleteNodeGroup, Delete, "/api/v1/node-groups/{name}"},
    {ListNodeImages, Get, "/api/v1/node-images"},
    {ReadNodeImage, Get, "/api/v1/node-images/{name}"},
    {PutNodeImage, Put, "/api/v1/node-images/{name}"},
    {PatchNodeImage, Patch, "/api/v1/node-images/{name}"},
    {DeleteNodeImage, Delete, "/api/v1/node-images/{name}"},
    {AddMeasurement, Post, "/api/v1/node-images/{name}/measurements"},
    {ReadPlan, Get, "/api/v1/plan"},
    {ImportPlan, Post, "/api/v1/plan"},
    {PreviewPlan, Post, "/api/v1/preview"},
    {ListRegions, Get, "/api/v1/regions"},
    {ReadRegion, Get, "/api/v1/regions/{name}"},
    {PutRegion, Put, "/api/v1/regions/{name}"},
    {PatchRegion, Patch, "/api/v1/regions/{name}"},
    {DeleteRegion, Delete, "/api/v1/regions/{name}"},
    {SetDefaultRegion, Put, "/api/v1/default-region"},
    {PatchDefaultRegion, Patch, "/api/v1/default-region"},
    {ListDeployments, Get, "/api/v1/deployments"},
    {CreateDeployment, Post, "/api/v1/deployments", 201},
    {ReadDeployment, Get, "/api/v1/deployments/{name}"},
    {ReplaceDeployment, Put, "/api/v1/deployments/{name}"},
    {PatchDeployment, Patch, "/api/v1/deployments/{name}"},
    {DeleteDeployment, Delete, "/api/v1/deployments/{name}"},
    {StartDeployment, Post, "/api/v1/deployments/{name}/start"},
    {StopDeployment, Post, "/api/v1/deployments/{name}/stop"},
    {RestartDeployment, Post, "/api/v1/deployments/{name}/restart"},
    {ListNodes, Get, "/api/v1/nodes"},
    {ReadNode, Get, "/api/v1/nodes/{id}"},
    {DrainNode, Post, "/api/v1/nodes/{id}/drain"},
    {UndrainNode, Post, "/api/v1/nodes/{id}/undrain"},
    {StopNode, Post, "/api/v1/nodes/{id}/stop"},
    {ListStreams, Get, "/api/v1/streams"},
    {ReadStream, Get, "/api/v1/streams/details"},
    {ReadThumbnail, Get, "/api/v1/streams/thumbnail"},
    {DisconnectViewer, Post, "/api/v1/streams/disconnect"},
    {RoutePublisher, Get, "/api/v1/routes/publish"},
    {RouteViewer, Get, "/api/v1/routes/subscribe"},
    {GrantPublisherPass, Get, "/api/v1/passes/publish"},
    {GrantViewerPass, Get, "/api/v1/passes/subscribe"},
    {ReadAudit, Get, "/api/v1/audit"},
    {VerifyAudit, Get, "/api/v1/audit/verification"},
    {ReadMetrics, Get, "/api/v1/metrics"},
    {ReadUsage, Get, "/api/v1/usage"},
    {TestStore, Post, "/api/v1/node-groups/{name}/store-test"},
    {ListRecordings, Get, "/api/v1/recordings"},
    {DeleteRecording, Delete, "/api/v1/recordings/{key}"},
    {ListProvisions, Get, "/api/v1/provisions"},
    {CreateProvision, Post, "/api/v1/provisions", 201},
    {ReadProvision, Get, "/api/v1/provisions/{key}"},
    {ReplaceProvision, Put, "/api/v1/provisions/{key}"},
    {PatchProvision, Patch, "/api/v1/provisions/{key}"},
    {DeleteProvision, Delete, "/api/v1/provisions/{key}"},
    {DistributeProvision, Post, "/api/v1/provisions/{key}/distribute"},
    {WithdrawProvision, Post, "/api/v1/provisions/{key}/withdraw"},
    {ListJobs, Get, "/api/v1/jobs"},
    {ListUsers, Get, "/api/v1/users"},
    {CreateUser, Post, "/api/v1/users", 201},
    {ReadUser, Get, "/api/v1/users/{name}"},
    {ReplaceUser, Put, "/api/v1/users/{name}"},
    {ReplaceUser, Patch, "/api/v1/users/{name}"},
    {DeleteUser, Delete, "/api/v1/users/{name}"},
    {SetUserPassword, Put, "/api/v1/users/{name}/password"},
    {DisableUser, Post, "/api/v1/users/{name}/disable"},
    {EnableUser, Post, "/api/v1/users/{name}/enable"},
    {SignIn, Post, "/api/v1/sessions", 201},
    {RenewSession, Post, "/api/v1/sessions/renew"},
    {ListSessions, Get, "/api/v1/sessions"},
    {EndSession, Delete, "/api/v1/sessions/{id}"},
    {RotateTokenKeys, Post, "/api/v1/token-keys/rotate"},
    {ListTokens, Get, "/api/v1/tokens"},
    {CreateToken, Post, "/api/v1/tokens", 201},
    {RevokeToken, Delete, "/api/v1/tokens/{id}"},
    {ReadProfile, Get, "/api/v1/profile"},
    {ChangeOwnPassword, Put, "/api/v1/profile/password"},
});

// `one` is the path of one of them.
constexpr std::array<RouteRow, 6> itemRows(PlanItemKind kind, std::string_view all, std::string_view one)
{
    return {{{ListPlanItems, Get, all, 200, kind},
             {CreatePlanItem, Post, all, 201, kind},
             {ReadPlanItem, Get, one, 200, kind},
             {ReplacePlanItem, Put, one, 200, kind},
             {PatchPlanItem, Patch, one, 200, kind},
             {DeletePlanItem, Delete, one, 200, kind}}};
}

template <std::size_t... sizes>
constexpr auto joined(const std::array<RouteRow, sizes>&... parts)
{
    std::array<RouteRow, (sizes + ...)> rows;
    auto end = rows.begin();
    ((end = std::ranges::copy(parts, end).out), ...);
    return rows;
}

constexpr auto table =
    joined(plainRows, itemRows(PlanItemKind::Schedule, "/api/v1/schedules", "/api/v1/schedules/{id}"),
           itemRows(PlanItemKind::Overlay, "/api/v1/overlays", "/api/v1/overlays/{id}"),
           itemRows(PlanItemKind::ExclusionSet, "/api/v1/exclusion-sets", "/api/v1/exclusion-sets/{id}"),
           itemRows(PlanItemKind::Limit, "/api/v1/limits", "/api/v1/limits/{id}"),
           itemRows(PlanItemKind::Configuration, "/api/v1/configurations", "/api/v1/configurations/{id}"));

QueryText streamIn(const NodeGroupName& group, const StreamKey& stream, const NodeId& node)
{
    QueryText query;
    query.add("nodeGroup", group.value).add("stream", stream.path());
    if (!node.isEmpty())
        query.add("node", node.value);
    return query;
}

// The parameter if `path` fits `pattern`.
std::optional<std::string_view> matched(std::string_view pattern, std::string_view path)
{
    const auto open = pattern.find('{');
    if (open == std::string_view::npos)
        return pattern == path ? std::optional(std::string_view()) : std::nullopt;
    const std::string_view head = pattern.substr(0, open);
    const std::string_view tail = pattern.substr(pattern.find('}') + 1);
    if (!path.starts_with(head) || !path.ends_with(tail) || path.size() <= head.size() + tail.size())
        return std::nullopt;
    const std::string_view parameter = path.substr(head.size(), path.size() - head.size() - tail.size());
    return parameter.find('/') == std::string_view::npos ? std::optional(parameter) : std::nullopt;
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string_view toWord(Method method)
{
    switch (method) {
    case Method::Get:
        return "GET";
    case Method::Post:
        return "POST";
    case Method::Put:
        return "PUT";
    case Method::Patch:
        return "PATCH";
    case Method::Delete:
        return "DELETE";
    }
    unreachable();
}

std::span<const RouteRow> routeTable()
{
    return table;
}

const RouteRow& rowOf(Route route, PlanItemKind kind)
{
    const auto row =
        std::ranges::find_if(table, [&](const RouteRow& each) { return each.route == route && each.kind == kind; });
    HG_CHECK(row != table.end());
    return *row;
}

std::size_t mostBodyBytes(Route route)
{
    switch (route) {
    case CreateNodeGroup:
    case ReplaceNodeGroup:
    case PatchNodeGroup:
    case ImportPlan:
    case PreviewPlan:
    case CreateDeployment:
        return tooLargePlan - 1;
    default:
        return 1 << 20;
    }
}

RouteMatch matchRoute(Method method, std::string_view path)
{
    RouteMatch match;
    for (const RouteRow& row : table) {
        const auto encoded = matched(row.path, path);
        const auto parameter = encoded ? percentDecoded(*encoded) : Result<std::string>();
        if (!encoded || !parameter)
            continue;
        match.allowedMethods.push_back(row.method);
        if (row.method == method) {
            match.row = &row;
            match.parameter = *parameter;
        }
    }
    return match;
}

HttpCall callTo(const RouteRow& row, std::string_view parameter)
{
    HttpCall call{row.route, row.method, std::string(row.path), {}, {}, {}, {}};
    if (const auto open = call.target.find('{'); open != std::string::npos)
        call.target.replace(open, call.target.find('}') + 1 - open, percentEncoded(parameter));
    return call;
}

HttpCall callTo(Route route, std::string_view parameter)
{
    return callTo(rowOf(route), parameter);
}

HttpCall callTo(Route route, PlanItemKind kind)
{
    return callTo(rowOf(route, kind), {});
}

HttpCall callTo(Route route, const PlanItemKey& key)
{
    return callTo(rowOf(route, key.kind), key.id);
}

HttpCall callFor(const RouteRequest& request, std::string_view ticket)
{
    HttpCall call = callTo(request.purpose == RoutePurpose::Publish ? Route::RoutePublisher : Route::RouteViewer);
    QueryText query;
    query.add("nodeGroup", request.nodeGroup.value).add("stream", request.stream.path());
    std::string subgroups;
    for (const std::string& subgroup : request.preferredSubgroups)
        subgroups += (subgroups.empty() ? "" : ",") + percentEncoded(subgroup);
    if (!subgroups.empty())
        query.addRaw("subgroups", subgroups);
    if (request.spill == Spill::Strict)
        query.add("strict", "true");
    query.add("endpoints", std::to_string(request.endpoints));
    if (!ticket.empty())
        query.add("ticket", ticket);
    call.target += query.text();
    return call;
}

HttpCall callToExplain(const RouteRequest& request)
{
    HttpCall call = callFor(request);
    call.target += "&explain=true";
    return call;
}

HttpCall callFor(const MetricQuery& query)
{
    HttpCall call = callTo(Route::ReadMetrics);
    call.target += QueryText()
                       .add("scope", toWord(query.scope))
                       .add("from", toRfc3339(query.from))
                       .add("to", toRfc3339(query.to))
                       .add("maxSamples", std::to_string(query.maxSamples))
                       .text();
    return call;
}

HttpCall callFor(const UsageQuery& query)
{
    HttpCall call = callTo(Route::ReadUsage);
    call.target += QueryText().add("from", dayText(query.from)).add("to", dayText(query.to)).text();
    return call;
}

HttpCall callFor(const RecordingQuery& query)
{
    HttpCall call = callTo(Route::ListRecordings);
    QueryText text;
    if (!query.nodeGroup.isEmpty())
        text.add("nodeGroup", query.nodeGroup.value);
    if (!query.stream.empty())
        text.add("stream", query.stream);
    if (!query.after.empty())
        text.add("cursor", query.after);
    call.target += text.add("limit", std::to_string(query.limit)).text();
    return call;
}

HttpCall callFor(const StreamQuery& query)
{
    HttpCall call = callTo(Route::ReadStream);
    call.target += streamIn(query.nodeGroup, query.stream, query.node)
                       .add("viewerOffset", std::to_string(query.viewerOffset))
                       .add("viewerLimit", std::to_string(query.viewerLimit))
                       .text();
    return call;
}

HttpCall callFor(const ThumbnailQuery& query)
{
    HttpCall call = callTo(Route::ReadThumbnail);
    call.target += streamIn(query.nodeGroup, query.stream, query.node).add("width", std::to_string(query.width)).text();
    if (!query.knownTag.empty())
        call.ifNoneMatch = entityTagOf(query.knownTag);
    return call;
}

HttpCall callFor(const AuditQuery& query)
{
    HttpCall call = callTo(Route::ReadAudit);
    QueryText text;
    if (query.beforeSequence > 0)
        text.add("before", std::to_string(query.beforeSequence));
    text.add("limit", std::to_string(query.limit));
    if (!query.text.empty())
        text.add("text", query.text);
    if (query.trail == AuditTrail::Routings)
        text.add("trail", "routings");
    call.target += text.text();
    return call;
}

std::string entityTag(std::uint64_t version)
{
    return entityTagOf(std::to_string(version));
}

std::string entityTagOf(std::string_view tag)
{
    return "\"" + std::string(tag) + "\"";
}

std::string_view tagOfEntityTag(std::string_view header)
{
    const bool isTag = header.size() > 2 && header.front() == '"' && header.back() == '"';
    return isTag ? header.substr(1, header.size() - 2) : std::string_view();
}

Result<std::optional<std::uint64_t>> versionOfIfMatch(std::string_view header)
{
    if (header == "*")
        return std::nullopt;
    if (header.starts_with("W/")) {
        return fail(ErrorCode::VersionMismatch, "A weak entity tag never matches.",
                    "Send the ETag as it came, for example \"7\" in double quotes.");
    }
    if (header.size() > 2 && header.front() == '"' && header.back() == '"') {
        const char* last = header.data() + header.size() - 1;
        std::uint64_t version = 0;
        if (const auto [end, error] = std::from_chars(header.data() + 1, last, version);
            end == last && error == std::errc())
            return version;
    }
    return fail(ErrorCode::InvalidArgument, "If-Match does not hold one entity tag of this interface.",
                "Send the ETag as it came, for example \"7\" in double quotes.");
}

std::string percentEncoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool isLetterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (isLetterOrDigit || c == '-' || c == '.' || c == '_' || c == '~') {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return encoded;
}

Result<std::string> percentDecoded(std::string_view text)
{
    if (text.find('%') == std::string_view::npos && text.find('\0') == std::string_view::npos)
        return std::string(text);
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\0')
            return fail(ErrorCode::InvalidArgument,
                        "A NUL character stands in \"" + std::string(text.substr(0, i)) + "\".");
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
        if (high < 0 || low < 0 || high + low == 0)
            return fail(ErrorCode::InvalidArgument, "\"" + std::string(text) + "\" has a malformed percent escape.");
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

}  // namespace headgate::native
