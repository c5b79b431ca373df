#include "core/wire/native_routes.h"

#include "core/base/check.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_query.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace headgate::native {
namespace {

constexpr std::array table = {
    RouteRow{Route::Health, Method::Get, "/api/v1/health", 200, Access::Open},
    RouteRow{Route::OpenApi, Method::Get, "/api/v1/openapi.yaml", 200, Access::Open},
    RouteRow{Route::Setup, Method::Post, "/api/v1/setup", 201, Access::Open},
    RouteRow{Route::ReadSnapshot, Method::Get, "/api/v1/snapshot", 200, Access::SignedIn},
    RouteRow{Route::Events, Method::Get, "/api/v1/events", 101, Access::SignedIn},
    RouteRow{Route::ListNodeGroups, Method::Get, "/api/v1/node-groups", 200, Access::SignedIn},
    RouteRow{Route::CreateNodeGroup, Method::Post, "/api/v1/node-groups", 201, Access::SignedIn},
    RouteRow{Route::ReadNodeGroup, Method::Get, "/api/v1/node-groups/{name}", 200, Access::SignedIn},
    RouteRow{Route::ReplaceNodeGroup, Method::Put, "/api/v1/node-groups/{name}", 200, Access::SignedIn},
    RouteRow{Route::DeleteNodeGroup, Method::Delete, "/api/v1/node-groups/{name}", 200, Access::SignedIn},
    RouteRow{Route::ListNodeImages, Method::Get, "/api/v1/node-images", 200, Access::SignedIn},
    RouteRow{Route::ReadNodeImage, Method::Get, "/api/v1/node-images/{name}", 200, Access::SignedIn},
    RouteRow{Route::PutNodeImage, Method::Put, "/api/v1/node-images/{name}", 200, Access::SignedIn},
    RouteRow{Route::DeleteNodeImage, Method::Delete, "/api/v1/node-images/{name}", 200, Access::SignedIn},
    RouteRow{Route::AddMeasurement, Method::Post, "/api/v1/node-images/{name}/measurements", 200, Access::SignedIn},
    RouteRow{Route::ReadPlan, Method::Get, "/api/v1/plan", 200, Access::SignedIn},
    RouteRow{Route::ImportPlan, Method::Post, "/api/v1/plan", 200, Access::SignedIn},
    RouteRow{Route::PreviewPlan, Method::Post, "/api/v1/preview", 200, Access::SignedIn},
    RouteRow{Route::ListPlanItems, Method::Get, "/api/v1/schedules", 200, Access::SignedIn, PlanItemKind::Schedule},
    RouteRow{Route::CreatePlanItem, Method::Post, "/api/v1/schedules", 201, Access::SignedIn, PlanItemKind::Schedule},
    RouteRow{Route::ReadPlanItem, Method::Get, "/api/v1/schedules/{id}", 200, Access::SignedIn, PlanItemKind::Schedule},
    RouteRow{Route::ReplacePlanItem, Method::Put, "/api/v1/schedules/{id}", 200, Access::SignedIn,
             PlanItemKind::Schedule},
    RouteRow{Route::DeletePlanItem, Method::Delete, "/api/v1/schedules/{id}", 200, Access::SignedIn,
             PlanItemKind::Schedule},
    RouteRow{Route::ListPlanItems, Method::Get, "/api/v1/overlays", 200, Access::SignedIn, PlanItemKind::Overlay},
    RouteRow{Route::CreatePlanItem, Method::Post, "/api/v1/overlays", 201, Access::SignedIn, PlanItemKind::Overlay},
    RouteRow{Route::ReadPlanItem, Method::Get, "/api/v1/overlays/{id}", 200, Access::SignedIn, PlanItemKind::Overlay},
    RouteRow{Route::ReplacePlanItem, Method::Put, "/api/v1/overlays/{id}", 200, Access::SignedIn,
             PlanItemKind::Overlay},
    RouteRow{Route::DeletePlanItem, Method::Delete, "/api/v1/overlays/{id}", 200, Access::SignedIn,
             PlanItemKind::Overlay},
    RouteRow{Route::ListPlanItems, Method::Get, "/api/v1/exclusion-sets", 200, Access::SignedIn,
             PlanItemKind::ExclusionSet},
    RouteRow{Route::CreatePlanItem, Method::Post, "/api/v1/exclusion-sets", 201, Access::SignedIn,
             PlanItemKind::ExclusionSet},
    RouteRow{Route::ReadPlanItem, Method::Get, "/api/v1/exclusion-sets/{id}", 200, Access::SignedIn,
             PlanItemKind::ExclusionSet},
    RouteRow{Route::ReplacePlanItem, Method::Put, "/api/v1/exclusion-sets/{id}", 200, Access::SignedIn,
             PlanItemKind::ExclusionSet},
    RouteRow{Route::DeletePlanItem, Method::Delete, "/api/v1/exclusion-sets/{id}", 200, Access::SignedIn,
             PlanItemKind::ExclusionSet},
    RouteRow{Route::ListPlanItems, Method::Get, "/api/v1/limits", 200, Access::SignedIn, PlanItemKind::Limit},
    RouteRow{Route::CreatePlanItem, Method::Post, "/api/v1/limits", 201, Access::SignedIn, PlanItemKind::Limit},
    RouteRow{Route::ReadPlanItem, Method::Get, "/api/v1/limits/{id}", 200, Access::SignedIn, PlanItemKind::Limit},
    RouteRow{Route::ReplacePlanItem, Method::Put, "/api/v1/limits/{id}", 200, Access::SignedIn, PlanItemKind::Limit},
    RouteRow{Route::DeletePlanItem, Method::Delete, "/api/v1/limits/{id}", 200, Access::SignedIn, PlanItemKind::Limit},
    RouteRow{Route::ListPlanItems, Method::Get, "/api/v1/configurations", 200, Access::SignedIn,
             PlanItemKind::Configuration},
    RouteRow{Route::CreatePlanItem, Method::Post, "/api/v1/configurations", 201, Access::SignedIn,
             PlanItemKind::Configuration},
    RouteRow{Route::ReadPlanItem, Method::Get, "/api/v1/configurations/{id}", 200, Access::SignedIn,
             PlanItemKind::Configuration},
    RouteRow{Route::ReplacePlanItem, Method::Put, "/api/v1/configurations/{id}", 200, Access::SignedIn,
             PlanItemKind::Configuration},
    RouteRow{Route::DeletePlanItem, Method::Delete, "/api/v1/configurations/{id}", 200, Access::SignedIn,
             PlanItemKind::Configuration},
    RouteRow{Route::ListRegions, Method::Get, "/api/v1/regions", 200, Access::SignedIn},
    RouteRow{Route::ReadRegion, Method::Get, "/api/v1/regions/{name}", 200, Access::SignedIn},
    RouteRow{Route::PutRegion, Method::Put, "/api/v1/regions/{name}", 200, Access::SignedIn},
    RouteRow{Route::DeleteRegion, Method::Delete, "/api/v1/regions/{name}", 200, Access::SignedIn},
    RouteRow{Route::SetDefaultRegion, Method::Put, "/api/v1/default-region", 200, Access::SignedIn},
    RouteRow{Route::ListDeployments, Method::Get, "/api/v1/deployments", 200, Access::SignedIn},
    RouteRow{Route::CreateDeployment, Method::Post, "/api/v1/deployments", 201, Access::SignedIn},
    RouteRow{Route::ReadDeployment, Method::Get, "/api/v1/deployments/{name}", 200, Access::SignedIn},
    RouteRow{Route::ReplaceDeployment, Method::Put, "/api/v1/deployments/{name}", 200, Access::SignedIn},
    RouteRow{Route::DeleteDeployment, Method::Delete, "/api/v1/deployments/{name}", 200, Access::SignedIn},
    RouteRow{Route::StartDeployment, Method::Post, "/api/v1/deployments/{name}/start", 200, Access::SignedIn},
    RouteRow{Route::StopDeployment, Method::Post, "/api/v1/deployments/{name}/stop", 200, Access::SignedIn},
    RouteRow{Route::RestartDeployment, Method::Post, "/api/v1/deployments/{name}/restart", 200, Access::SignedIn},
    RouteRow{Route::ListNodes, Method::Get, "/api/v1/nodes", 200, Access::SignedIn},
    RouteRow{Route::ReadNode, Method::Get, "/api/v1/nodes/{id}", 200, Access::SignedIn},
    RouteRow{Route::DrainNode, Method::Post, "/api/v1/nodes/{id}/drain", 200, Access::SignedIn},
    RouteRow{Route::UndrainNode, Method::Post, "/api/v1/nodes/{id}/undrain", 200, Access::SignedIn},
    RouteRow{Route::StopNode, Method::Post, "/api/v1/nodes/{id}/stop", 200, Access::SignedIn},
    RouteRow{Route::ListStreams, Method::Get, "/api/v1/streams", 200, Access::SignedIn},
    RouteRow{Route::ReadStream, Method::Get, "/api/v1/streams/details", 200, Access::SignedIn},
    RouteRow{Route::ReadThumbnail, Method::Get, "/api/v1/streams/thumbnail", 200, Access::SignedIn},
    RouteRow{Route::DisconnectViewer, Method::Post, "/api/v1/streams/disconnect", 200, Access::SignedIn},
    RouteRow{Route::RoutePublisher, Method::Get, "/api/v1/routes/publish", 200, Access::SignedIn},
    RouteRow{Route::RouteViewer, Method::Get, "/api/v1/routes/subscribe", 200, Access::SignedIn},
    RouteRow{Route::ReadAudit, Method::Get, "/api/v1/audit", 200, Access::SignedIn},
    RouteRow{Route::ReadMetrics, Method::Get, "/api/v1/metrics", 200, Access::SignedIn},
};

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
    HttpCall call{row.route, row.method, std::string(row.path), {}, {}, {}};
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

HttpCall callFor(const RouteRequest& request)
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
    call.target += query.text();
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

HttpCall callForAudit(std::int64_t beforeSequence, int limit, std::string_view text)
{
    HttpCall call = callTo(Route::ReadAudit);
    QueryText query;
    if (beforeSequence > 0)
        query.add("before", std::to_string(beforeSequence));
    query.add("limit", std::to_string(limit));
    if (!text.empty())
        query.add("text", text);
    call.target += query.text();
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
