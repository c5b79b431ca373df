#pragma once

#include "core/base/random.h"
#include "core/engine/autoscaler.h"
#include "core/engine/engine.h"
#include "core/engine/job_places.h"
#include "core/engine/lead_times.h"
#include "core/engine/plan_book.h"
#include "core/engine/pulse.h"
#include "core/engine/replacement_budget.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

// What the engine holds in memory, shared by its units. Only they include this.
namespace headgate {

// What a node was told of its sessions; the protocol says the deadline as the time that is left.
struct PolicyOrder
{
    node_protocol::SessionPolicy policy = node_protocol::SessionPolicy::Serve;
    std::optional<TimePoint> deadline;
    std::vector<node_protocol::Alternate> alternates;

    bool operator==(const PolicyOrder&) const = default;
};

// What a node that pulls says of one that is not heard.
struct Testimony
{
    TimePoint at;
    bool isFed = false;  // it gets media from it
};

// One node: its stored row, and what is known of it only while this process runs.
struct NodeRecord
{
    Node node;

    NodeLoad load;
    std::vector<StreamReport> streams;  // of the last heartbeat
    std::vector<JobReport> jobs;        // of it
    std::uint64_t jobGrant = 0;         // that it had obeyed by then
    std::uint64_t sequence = 0;         // of that heartbeat
    std::string softwareVersion;        // as the node said when it connected
    TimePoint lastHeard;                // epoch 0 = never
    TimePoint silentSince;              // from when silence counts: last heard, connected, or end of the adoption grace
    Pulse pulse;
    std::map<NodeId, Testimony> testimonies;  // since it is suspect
    std::optional<Testimony> probe;           // since then: what the control plane saw itself
    std::optional<TimePoint> probeAskedAt;    // since then
    std::map<NodeId, TimePoint> complaints;   // of nodes that get nothing from it, their last ones
    std::vector<TimePoint> returns;           // from suspicion, lately
    std::optional<TimePoint> lostAt;          // when it ceased to be healthy, if it had been in service
    bool isConnected = false;
    bool isDraining = false;  // as the node says
    bool isSealed = false;    // as the node says
    std::string unready;      // as the node says, why it cannot serve; empty if it can
    TimePoint unreadySince;   // with `unready`
    bool isGone = false;      // proven: its process or machine does not exist
    bool isReplaced = false;  // another node was started in its place
    double rank = 0;          // by capacityRankingExpression: those with less leave first

    std::optional<TimePoint> launchedAt;        // when the provider was asked, or adopted while on its way
    bool isLaunchSent = false;                  // by this process
    Duration launchTimeout{60'000};             // from then to InService, or it has failed
    std::optional<TimePoint> terminateAskedAt;  // by this process
    std::optional<PolicyOrder> sentPolicy;      // on the present connection
    std::optional<MediaSettings> sentMedia;
    std::optional<AccessSettings> sentAccess;
    std::optional<RecordingSettings> sentRecording;
    std::vector<IceServer> sentIce;  // none: nothing was said of them
    std::optional<node_protocol::SetLimits> sentLimits;
    std::optional<node_protocol::AssignParents> sentParents;
    std::optional<node_protocol::SetEdges> sentEdges;
    std::optional<std::uint64_t> sentProvisions;  // the revision of its group's table
    std::optional<SentJobs> sentJobs;
    std::optional<std::uint64_t> sentEpoch;  // from which on it was told to count
};

// Launch failures of one pool, and when the next launch may be tried.
struct BackOff
{
    int failures = 0;
    TimePoint lastFailure;
    TimePoint notBefore;
};

// A region that lost many nodes at once (region_breaker).
struct Degradation
{
    TimePoint endsAt;  // at the earliest
    int lost = 0;
};

// Children that changed parents although nothing forced them to.
struct TreeMoves
{
    TimePoint since;  // of the minute
    int count = 0;
};

// Names one live stream.
struct LiveKey
{
    NodeGroupName nodeGroup;
    StreamKey stream;

    auto operator<=>(const LiveKey&) const = default;
};

struct EngineModel
{
    EngineOptions options;
    Random random{1};
    TimePoint startedAt;

    std::uint64_t revision = 0;
    std::int64_t auditSequence = 0;
    std::map<NodeGroupName, StoredNodeGroup> groups;
    std::map<NodeId, NodeRecord> nodes;
    std::map<std::string, StoredNodeImage> images;  // those that somebody described
    std::map<std::string, Account> accounts;
    std::map<PlanItemKey, StoredPlanItem> planItems;
    std::uint64_t planRevision = 0;
    std::optional<TimePoint> planFollowedUntil;
    std::map<std::string, StoredRegion> regions;  // those that somebody added
    std::string defaultRegion;
    TokenKeys tokenKeys;
    std::map<std::string, StoredDeployment> deployments;
    std::map<ProvisionKey, StoredProvision> provisions;
    std::map<NodeGroupName, std::uint64_t> provisionRevisions;  // of the configuration when a table changed last
    JobBook jobBook;
    std::deque<AuditRecord> recentAudit;  // newest first, at most 50

    PlanBook planBook;
    LeadTimes leadTimes;
    Autoscaling autoscaling;
    std::optional<TimePoint> pacedUntil;  // when a pool that replaces its nodes may go on
    std::map<PoolKey, BackOff> backOffs;
    std::map<PoolKey, ReplacementBudget> replacements;      // of pools that lost nodes
    NodeAllowance fleetReplacements;                        // of all pools
    std::map<std::string, Degradation> degradedRegions;     // by name
    std::optional<TimePoint> isolatedSince;                 // the control plane hears nobody
    std::map<std::string, NodeId, std::less<>> suspectsAt;  // where children pull from those that are suspect
    std::uint64_t highestEpoch = 0;                         // that any node said
    std::map<LiveKey, NodeId> liveStreams;                  // and their origins, as the last advance() found them
    std::map<NodeGroupName, TreeMoves> treeMoves;
    std::optional<TimePoint> treeGoesOnAt;  // when children that wait for it may change parents

    TimePoint lastInput;
    TimePoint lastAdvance;
    bool isDirty = true;            // an input came since the last advance()
    bool isTopologyChanged = true;  // streams, nodes or roles changed: the parent tables have to be worked out again

    EngineModel(EngineOptions engineOptions, EngineState state, TimePoint now);

    const NodeGroup* findGroup(const NodeGroupName& name) const;  // as written
    // The configuration that holds now.
    const NodeGroup* groupInForce(const NodeGroupName& name) const;
    const Role* findRole(const PoolKey& pool) const;
    // Which provider image the node runs from, or would; empty if nobody knows.
    std::string imageOf(const Node& node) const;
    NodeRecord* findNode(const NodeId& id);
    const NodeRecord* findNode(const NodeId& id) const;
};

constexpr std::size_t recentAuditLimit = 50;
constexpr Duration adoptionGrace{10'000};

// Adds the record as the newest.
void remember(std::deque<AuditRecord>& recentAudit, const AuditRecord& record);

// Writes a whole transaction into memory.
void apply(EngineModel& model, const Transaction& transaction, TimePoint now);

// --- Questions that several units ask of a node. ---

// Counts as capacity of its pool: on its way or in service, and not given up.
bool isCapacity(const NodeRecord& record);
// Since it connected last.
bool isHeard(const NodeRecord& record);
bool isWarming(NodeState state);
// Booted, and waits outside of service until its pool wants it.
bool standsBy(const NodeRecord& record);
bool isDrainingState(NodeState state);
bool isEnding(NodeState state);

// It accepts publishers, whatever its role is now. Of a node that nobody knows more of than its role, that tells.
bool takesPublishers(const Node& node, const Role* role);

// What the node can carry, by its image's measurement.
NodeLimits limitsOf(const EngineModel& model, const NodeRecord& record);
// The rates of its streams times those who get them.
std::int64_t servedBitsOf(const NodeRecord& record);

// Sessions that end with the node.
int sessionsOf(const NodeRecord& record);

}  // namespace headgate
