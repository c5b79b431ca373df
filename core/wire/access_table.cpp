#include "core/wire/access_table.h"

#include "core/base/check.h"
#include "core/wire/account_document.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace headgate {

namespace {

using enum Permission;
using enum Reach;
using enum Exposure;

struct DialectRow
{
    std::string_view methods;  // separated by spaces; GET stands for HEAD, too
    std::string_view path;
    AccessRule rule;
};

constexpr AccessRule open{Open, Deployments, Public};
constexpr AccessRule viewing{View, Deployments};
constexpr AccessRule operating{Operate, Deployments};
constexpr AccessRule configuring{Configure, Deployments};
constexpr AccessRule routing{View, Deployments, Public};

// The first row that fits counts.
constexpr auto dialectRows = std::to_array<DialectRow>({
    {"GET", "/metrics", {View, Everything}},
    {"GET", "/streams/metrics", {View, Everything}},
    {"PUT POST", "/as/v1/auth/login", open},
    {"GET", "/as/v1/auth/healthz", open},
    {"GET", "/as/v1/admin/healthz", open},
    {"GET", "/as/v1/autoscale/healthz", open},
    {"GET", "/as/v1/conference/healthz", open},
    {"GET", "/as/v1/streams/stream/healthz", open},
    {"GET", "/as/v1/{service}/v3/api-docs", open},
    {"GET", "/swagger-ui.html", open},
    {"GET", "/as/v1/admin/nodegroup", viewing},
    {"POST", "/as/v1/admin/nodegroup", {Configure, Everything}},
    {"PUT", "/as/v1/admin/nodegroup", configuring},
    {"GET", "/as/v1/admin/nodegroup/**", viewing},
    {"DELETE", "/as/v1/admin/nodegroup/{group}", configuring},
    {"PUT", "/as/v1/admin/nodegroup/{group}/pause", operating},
    {"POST", "/as/v1/admin/nodegroup/{group}/{subgroup}/{role}/manualscale", operating},
    {"PUT", "/as/v1/admin/nodegroup/{group}/{node}/manualscale", operating},
    {"POST", "/as/v1/admin/evaluate/**", viewing},
    {"GET", "/as/v1/admin/terraform/**", {View, Everything}},
    {"GET", "/as/v1/admin/rtcproxy", {View, Everything}},
    {"DELETE", "/as/v1/admin/rtcproxy/**", {Operate, Everything}},
    {"GET", "/as/v1/nodegroups", viewing},
    {"GET", "/as/v1/nodegroups/{group}", viewing},
    {"GET", "/as/v1/streams/stream/**", routing},
    {"GET", "/as/v1/streams/provision/**", viewing},
    {"POST PUT DELETE", "/as/v1/streams/provision/**", operating},
    {"GET", "/as/v1/streams/mixer/**", viewing},
    {"POST PUT DELETE", "/as/v1/streams/mixer/**", operating},
    {"GET", "/as/v1/streams/images", viewing},
    {"POST", "/as/v1/streams/images", operating},
    {"GET", "/as/v1/streams/images/**", viewing},
    {"POST DELETE", "/as/v1/streams/images/**", operating},
    {"GET", "/as/v1/streams", viewing},
    {"GET", "/as/v1/streams/**", viewing},
    {"GET POST PUT DELETE", "/as/v1/proxy/forward", routing},
    {"OPTIONS POST PATCH DELETE", "/as/v1/proxy/whip/**", routing},
    {"OPTIONS POST PATCH DELETE", "/as/v1/proxy/whep/**", routing},
    {"GET", "/as/v1/proxy/ws/publish/**", routing},
    {"GET", "/as/v1/proxy/ws/subscribe/**", routing},
});

std::string_view takeSegment(std::string_view& path)
{
    path.remove_prefix(std::min<std::size_t>(1, path.size()));
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

bool isPath(std::string_view pattern, std::string_view path)
{
    while (!pattern.empty()) {
        const std::string_view wanted = takeSegment(pattern);
        if (path.empty())
            return false;
        if (wanted == "**")
            return true;
        const std::string_view segment = takeSegment(path);
        if (wanted.starts_with('{') ? segment.empty() : segment != wanted)
            return false;
    }
    return path.empty();
}

// The segments before the first that is not told: most rows are out of question by the last letters of them alone.
struct PlainPart
{
    using Letters = std::array<char, 8>;

    constexpr explicit PlainPart(std::string_view pattern) : text(pattern.substr(0, pattern.find_first_of("{*")))
    {
        if (text.ends_with('/'))
            text.remove_suffix(1);
        if (text.size() >= sizeof(Letters))
            std::ranges::copy(text.substr(text.size() - sizeof(Letters)), ending.begin());
    }

    bool isBefore(std::string_view path) const
    {
        if (path.size() < text.size() || (path.size() > text.size() && path[text.size()] != '/'))
            return false;
        Letters letters = ending;
        if (text.size() >= sizeof(Letters))
            std::memcpy(letters.data(), path.data() + text.size() - sizeof(Letters), sizeof(Letters));
        return letters == ending && path.starts_with(text);
    }

    std::string_view text;
    Letters ending{};
};

constexpr auto plainParts = []<std::size_t... i>(std::index_sequence<i...>)
{
    return std::array{PlainPart(dialectRows[i].path)...};
}
(std::make_index_sequence<dialectRows.size()>());

bool hasWord(std::string_view words, std::string_view word)
{
    while (!words.empty()) {
        const std::string_view first = words.substr(0, words.find(' '));
        if (first == word)
            return true;
        words.remove_prefix(std::min(words.size(), first.size() + 1));
    }
    return false;
}

AccessRule ruleOfPlanItem(PlanItemKind kind)
{
    switch (kind) {
    case PlanItemKind::Overlay:
        return {Adjust, Deployments};
    case PlanItemKind::Schedule:
    case PlanItemKind::Limit:
        return {Plan, Deployments};
    case PlanItemKind::ExclusionSet:
        return {Plan, Everything};
    case PlanItemKind::Configuration:
        return {Configure, Deployments};
    }
    unreachable();
}

}  // namespace

AccessRule accessRule(native::Route route, PlanItemKind kind)
{
    using enum native::Route;
    switch (route) {
    case Health:
    case OpenApi:
    case Setup:
    case SignIn:
    case RenewSession:
        return open;
    case ReadProfile:
    case ChangeOwnPassword:
    case ListSessions:
    case EndSession:
    case ListTokens:
    case CreateToken:
    case RevokeToken:
        return {Own, Deployments};
    case ReadSnapshot:
    case Events:
    case ListNodeGroups:
    case ReadNodeGroup:
    case ListNodeImages:
    case ReadNodeImage:
    case ReadPlan:
    case PreviewPlan:
    case ListPlanItems:
    case ReadPlanItem:
    case ListRegions:
    case ReadRegion:
    case ListDeployments:
    case ReadDeployment:
    case ListNodes:
    case ReadNode:
    case ListStreams:
    case ReadStream:
    case ReadThumbnail:
    case RoutePublisher:
    case RouteViewer:
    case GrantViewerPass:
    case ReadUsage:
    case ListProvisions:
    case ListJobs:
    case ReadProvision:
    case ListRecordings:
        return viewing;
    case ReadAudit:
    case VerifyAudit:
    case ReadMetrics:
        return {View, Everything};
    case DrainNode:
    case UndrainNode:
    case StopNode:
    case DisconnectViewer:
    case GrantPublisherPass:
    case DeleteRecording:
    case StartDeployment:
    case StopDeployment:
    case RestartDeployment:
    case CreateProvision:
    case ReplaceProvision:
    case PatchProvision:
    case DeleteProvision:
    case DistributeProvision:
    case WithdrawProvision:
        return operating;
    case CreatePlanItem:
    case ReplacePlanItem:
    case PatchPlanItem:
    case DeletePlanItem:
        return ruleOfPlanItem(kind);
    case ImportPlan:
        return {Configure, Everything};
    case AddMeasurement:
        return {Operate, Everything};
    case ReplaceNodeGroup:
    case PatchNodeGroup:
    case DeleteNodeGroup:
    case TestStore:
    case ReplaceDeployment:
    case PatchDeployment:
        return configuring;
    case CreateNodeGroup:
    case PutNodeImage:
    case PatchNodeImage:
    case DeleteNodeImage:
    case PutRegion:
    case PatchRegion:
    case DeleteRegion:
    case SetDefaultRegion:
    case PatchDefaultRegion:
    case CreateDeployment:
    case DeleteDeployment:
        return {Configure, Everything};
    case ListUsers:
    case CreateUser:
    case ReadUser:
    case ReplaceUser:
    case DeleteUser:
    case SetUserPassword:
    case DisableUser:
    case EnableUser:
    case RotateTokenKeys:
        return {Administer, Everything};
    }
    unreachable();
}

DialectMatch matchDialect(std::string_view method, std::string_view path)
{
    DialectMatch match;
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    if (path.ends_with('/'))
        path.remove_suffix(1);  // makes no difference
    for (std::size_t i = 0; i < dialectRows.size(); ++i) {
        const DialectRow& row = dialectRows[i];
        const PlainPart& plain = plainParts[i];
        const std::size_t size = plain.text.size();
        if (!plain.isBefore(path) || !isPath(row.path.substr(size), path.substr(size)))
            continue;
        if (hasWord(row.methods, wanted)) {
            match.rule = row.rule;
            return match;
        }
        std::string methods(row.methods);
        std::ranges::replace(methods, ' ', ',');
        for (std::size_t at = methods.find(','); at != std::string::npos; at = methods.find(',', at + 2))
            methods.insert(at + 1, " ");
        match.allowedMethods.append(match.allowedMethods.empty() ? "" : ", ").append(methods);
    }
    return match;
}

bool isAllowed(AccountRole role, Permission permission)
{
    switch (permission) {
    case Open:
    case Own:
    case View:
        return true;
    case Operate:
        return role == AccountRole::Operator || role == AccountRole::Admin;
    case Adjust:
        return role != AccountRole::Viewer;
    case Plan:
        return role == AccountRole::Scheduler || role == AccountRole::Admin;
    case Configure:
    case Administer:
        return role == AccountRole::Admin;
    }
    unreachable();
}

std::vector<AccessRow> accessTable()
{
    std::vector<AccessRow> rows;
    for (const native::RouteRow& row : native::routeTable())
        rows.push_back({"native", std::string(native::toWord(row.method)), std::string(row.path),
                        accessRule(row.route, row.kind)});
    for (const DialectRow& row : dialectRows)
        rows.push_back({"Stream Manager", std::string(row.methods), std::string(row.path), row.rule});
    return rows;
}

}  // namespace headgate
