#pragma once

#include "core/base/result.h"
#include "core/domain/audit.h"
#include "core/domain/command.h"
#include "core/domain/metrics.h"
#include "core/domain/recording.h"
#include "core/domain/route.h"
#include "core/domain/usage.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The native HTTP interface as a table, shared by the server that answers it and the clients that call it.
// Who may call what, core/wire/access_table.h says. Bodies and answers are the documents of native_codec.h, but for
// pictures. Every answer that is not a success is a problem (RFC 9457), every request may carry X-Request-Id, which
// comes back. Answers to commands are a CommandOutcome and carry the object's version as ETag; with ?dryRun=true the
// answer is always 200 and nothing changes. With an Idempotency-Key a command is carried out once in 24 hours, and
// asked for again it gets the first answer. To patch is to replace what is there by itself with a merge patch (RFC
// 7396) applied.
namespace headgate::native {

enum class Method
{
    Get,
    Post,
    Put,
    Patch,
    Delete
};

std::string_view toWord(Method method);  // "GET" ...

enum class Route
{
    Health,           // {"status":"ok","version","hasAccounts"}
    OpenApi,          // resources/openapi.yaml
    Setup,            // {"token","username","password"} -> {"token"}
    ReadSnapshot,     // Snapshot
    Events,           // WebSocket; see native_codec.h. At least one message a second.
    ListNodeGroups,   // {"nodeGroups":[NodeGroupStatus]}
    CreateNodeGroup,  // NodeGroup, and in "plan" what of the plan changes with it
    ReadNodeGroup,    // NodeGroupStatus, ETag
    ReplaceNodeGroup,
    PatchNodeGroup,
    DeleteNodeGroup,
    ListNodeImages,  // {"nodeImages":[NodeImageStatus]}
    ReadNodeImage,   // NodeImageStatus, ETag ("0" for one that nobody described)
    PutNodeImage,    // NodeImageRecord; makes or replaces the description
    PatchNodeImage,
    DeleteNodeImage,  // 409 while a node group names it
    AddMeasurement,   // CapacityMeasurement
    // StoredPlan (plan_codec.h), its revision as ETag; with ?format= a file
    ReadPlan,
    ImportPlan,   // a document of the plan; If-Match is the plan's revision
    PreviewPlan,  // {"document"?,"nodeGroup"?,"from","to","zone"?} -> {"previews":[...]}; no document: the stored plan
    // Each in five places, one for each kind, with documents of plan_codec.h.
    ListPlanItems,  // {"schedules":[StoredPlanItem]}, or overlays, exclusionSets, limits, configurations
    CreatePlanItem,
    ReadPlanItem,  // StoredPlanItem, ETag
    ReplacePlanItem,
    PatchPlanItem,
    DeletePlanItem,
    ListRegions,  // {"regions":[RegionStatus],"defaultRegion"}
    ReadRegion,   // RegionStatus, ETag ("0" for one that is built in)
    PutRegion,    // Region; makes or replaces one of one's own
    PatchRegion,
    DeleteRegion,
    SetDefaultRegion,  // {"name"}; "" for none
    PatchDefaultRegion,
    ListDeployments,   // {"deployments":[DeploymentStatus]}
    CreateDeployment,  // Deployment, and in "content" a document of the plan
    ReadDeployment,    // DeploymentStatus, ETag
    ReplaceDeployment,
    PatchDeployment,
    DeleteDeployment,
    StartDeployment,  // no body
    StopDeployment,
    RestartDeployment,
    ListNodes,    // {"nodes":[NodeStatus]}
    ReadNode,     // NodeStatus
    DrainNode,    // ?deadlineSeconds=, no body
    UndrainNode,  // no body
    StopNode,     // ?mode=refuse-if-publishing (default) | cut-sessions
    ListStreams,  // {"streams":[StreamStatus]}
    // ?nodeGroup=&stream=live/show1&node=&viewerOffset=0&viewerLimit=100 -> StreamDetails; no node is the origin
    ReadStream,
    // ?nodeGroup=&stream=live/show1&node=&width=320 -> image/jpeg with its ETag; 304 if If-None-Match names it
    ReadThumbnail,
    DisconnectViewer,  // ?node=&stream=live/show1&viewer=ID, no body
    // ?nodeGroup=&stream=live/show1&subgroups=a,b&strict=true&endpoints=1 -> {"targets":[RouteTarget]}, or with
    // &explain=true RouteExplanation, which promises nothing
    RoutePublisher,
    RouteViewer,
    // ?nodeGroup=&stream=live/show1&node=ID -> StreamPass (stream_pass.h)
    GrantPublisherPass,
    GrantViewerPass,
    ReadAudit,    // ?before=SEQUENCE&limit=100&text=&trail=changes -> {"records":[AuditRecord]}, newest first
    VerifyAudit,  // {"rows","firstBad","reason"}: whether the audit trail is as it was written
    ReadMetrics,  // ?scope=&from=&to=&maxSamples=600 -> {"series":[MetricSeries]}
    // Documents of account_document.h.
    ListUsers,          // {"users":[User]}
    CreateUser,         // {"name","password","role","deployments"}
    ReadUser,           // User, ETag
    ReplaceUser,        // {"role","deployments"}
    DeleteUser,         // all its tokens end
    DisableUser,        // no body; it cannot sign in, and all its tokens end
    EnableUser,         // no body
    SetUserPassword,    // {"password"}; its sessions end
    ReadProfile,        // User: who asks
    ChangeOwnPassword,  // {"oldPassword","password"}; all sessions but this one end
    SignIn,             // {"username","password"} -> {"accessToken","refreshToken","expiresIn",...}
    RenewSession,       // {"refreshToken"} -> the same; each refresh token may be used once
    ListSessions,       // {"sessions":[AccountSession]}: one's own
    EndSession,         // "current" is the one that asks
    ListTokens,         // {"tokens":[PersonalToken]}: one's own
    RotateTokenKeys,    // no body
    CreateToken,        // {"name","role","expiresAt"} -> PersonalToken with its "secret", which is told once
    RevokeToken,
    // Of a provision the name is that of its group, "/" and its GUID.
    ListProvisions,   // {"provisions":[ProvisionStatus]}
    CreateProvision,  // {"nodeGroup","provision"}
    ReadProvision,    // ProvisionStatus, ETag
    ReplaceProvision,
    PatchProvision,
    DeleteProvision,
    DistributeProvision,  // no body; the nodes of its group get it
    WithdrawProvision,    // no body; they forget it
    ListJobs,             // {"jobs":[JobStatus]}
    // ?nodeGroup=&stream=&limit=100&cursor= -> {"recordings":[Recording],"nextCursor"}, the newest first
    ListRecordings,
    TestStore,        // of a group: S3Settings; writes, reads and deletes an object there
    DeleteRecording,  // its name is that of its group, "/" and its id
    ReadUsage         // ?from=2027-06-01&to=2027-06-30 -> UsageReport (usage_document.h); this month if not said
};

struct RouteRow
{
    Route route = Route::Health;
    Method method = Method::Get;
    std::string_view path;  // "/api/v1/nodes/{id}/drain": one "{...}" stands for one segment
    int successStatus = 200;
    PlanItemKind kind = PlanItemKind::Schedule;  // of the routes of plan items
};

std::span<const RouteRow> routeTable();
const RouteRow& rowOf(Route route, PlanItemKind kind = PlanItemKind::Schedule);

// How long a request's body may be: just below 10 MB where it may hold a plan, else 1 MiB. More is answered with 413.
std::size_t mostBodyBytes(Route route);

struct RouteMatch
{
    const RouteRow* row = nullptr;       // null if no row has this path and method
    std::string parameter;               // what stood for "{...}", percent-decoded
    std::vector<Method> allowedMethods;  // of the rows with this path; empty if there is none (404, else 405)
};

// `path` is percent-encoded, without query.
RouteMatch matchRoute(Method method, std::string_view path);

// What a client sends.
struct HttpCall
{
    Route route = Route::Health;
    Method method = Method::Get;
    std::string target;  // path and query, percent-encoded
    std::string body;    // JSON, "" for none
    std::optional<std::uint64_t> ifMatch;
    std::string ifNoneMatch;     // an entity tag, "" for none
    std::string idempotencyKey;  // "" for none
};

// The path of `row` with `parameter` filled in.
HttpCall callTo(const RouteRow& row, std::string_view parameter);
HttpCall callTo(Route route, std::string_view parameter = {});
HttpCall callTo(Route route, PlanItemKind kind);
HttpCall callTo(Route route, const PlanItemKey& key);

// Unsupported for what is done to accounts, which has documents of its own.
Result<HttpCall> callFor(const CommandRequest& request);
// With the ticket of the refusal before, if there is one.
HttpCall callFor(const RouteRequest& request, std::string_view ticket = {});
HttpCall callToExplain(const RouteRequest& request);
HttpCall callFor(const MetricQuery& query);
HttpCall callFor(const UsageQuery& query);
HttpCall callFor(const RecordingQuery& query);
HttpCall callFor(const StreamQuery& query);
HttpCall callFor(const ThumbnailQuery& query);
HttpCall callFor(const AuditQuery& query);

// 7 -> "\"7\"" (a strong entity tag).
std::string entityTag(std::uint64_t version);

// "a" -> "\"a\"" and back; "" for what is no strong entity tag.
std::string entityTagOf(std::string_view tag);
std::string_view tagOfEntityTag(std::string_view header);

// "\"7\"" -> 7, "*" -> none ("whatever is there"). VersionMismatch for a weak tag (it never matches strongly),
// InvalidArgument for anything else.
Result<std::optional<std::uint64_t>> versionOfIfMatch(std::string_view header);

// Everything but unreserved characters (RFC 3986) as %XX.
std::string percentEncoded(std::string_view text);

// InvalidArgument on a malformed escape or a NUL character.
Result<std::string> percentDecoded(std::string_view text);

}  // namespace headgate::native
