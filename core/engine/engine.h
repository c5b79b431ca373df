#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/domain/command.h"
#include "core/domain/snapshot.h"
#include "core/engine/pool_demand.h"
#include "core/plan/zone_rules.h"
#include "core/wire/node_protocol.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace headgate {

struct StoredNodeGroup
{
    NodeGroup group;
    std::uint64_t version = 1;
    TimePoint createdAt;
    TimePoint updatedAt;
    std::string updatedBy;
    ObjectOrigin origin = {};

    bool operator==(const StoredNodeGroup&) const = default;
};

struct StoredNodeImage
{
    NodeImageRecord record;
    std::uint64_t version = 1;
    TimePoint createdAt;
    TimePoint updatedAt;
    std::string updatedBy;
    ObjectOrigin origin = {};

    bool operator==(const StoredNodeImage&) const = default;
};

// What is durable. The store loads it whole at the start.
struct EngineState
{
    std::uint64_t revision = 0;
    std::int64_t auditSequence = 0;
    std::vector<StoredNodeGroup> nodeGroups;
    std::vector<Node> nodes;
    std::vector<StoredNodeImage> nodeImages;
    std::vector<Account> accounts;
    std::vector<StoredPlanItem> planItems;
    std::uint64_t planRevision = 0;              // of the configuration when one of them changed last
    std::optional<TimePoint> planFollowedUntil;  // up to when beginnings and ends of windows were told; none: never
    std::vector<StoredRegion> regions;
    std::string defaultRegion;
    TokenKeys tokenKeys;
    std::vector<StoredDeployment> deployments;
    StoredProvisions provisions;
    std::vector<AuditRecord> recentAudit;  // newest first, at most 50
};

// Rows that are written together or not at all.
struct Transaction
{
    std::uint64_t revision = 0;  // of the configuration after it
    std::vector<StoredNodeGroup> putNodeGroups;
    std::vector<NodeGroupName> removedNodeGroups;
    std::vector<Node> putNodes;
    std::vector<NodeId> removedNodes;
    std::vector<StoredNodeImage> putNodeImages;
    std::vector<std::string> removedNodeImages;
    std::vector<Account> putAccounts;
    std::vector<std::string> removedAccounts;
    std::vector<StoredPlanItem> putPlanItems;  // each makes `revision` the plan's, as a removal does
    std::vector<PlanItemKey> removedPlanItems;
    std::optional<TimePoint> planFollowedUntil;
    std::vector<StoredRegion> putRegions;
    std::vector<std::string> removedRegions;
    std::optional<std::string> defaultRegion;
    std::optional<TokenKeys> tokenKeys;
    std::vector<StoredDeployment> putDeployments;
    std::vector<std::string> removedDeployments;
    std::vector<StoredProvision> putProvisions;
    std::vector<ProvisionKey> removedProvisions;
    std::vector<AuditRecord> audit;

    bool isEmpty() const;
    bool changesPlan() const { return !putPlanItems.empty() || !removedPlanItems.empty(); }
};

// --- Effects: what the host carries out after the transaction of the same step is durable. ---

// Idempotent by node id; answered by an observation ProviderStarted or ProviderFailed.
struct LaunchNode
{
    Node node;
    Role role;
    NodeImage image;
};

// Idempotent; answered by NodeGone, also if the node never existed or its launch has failed. Asked again after 10 s
// without an answer.
struct TerminateNode
{
    NodeId node;
    std::string providerReference;
};

// The engine knows no secrets: every Parent.pullToken in AssignParents is empty, and the host fills it in before it
// sends (the token of the node that the Parent names); what is sealed in the documents of SetProvisions the host opens.
// Welcome is the host's own message.
// The node may have gone meanwhile; then the message is dropped.
struct SendToNode
{
    NodeId node;
    node_protocol::ToNode message;
};

// Of a node that is not heard: does it answer whoever comes to watch or publish? Answered by NodeProbed within 2 s, or
// not at all if too many are asked for at once.
struct ProbeNode
{
    NodeId node;
    NodeEndpoints endpoints;
};

using Effect = std::variant<LaunchNode, TerminateNode, SendToNode, ProbeNode>;

// --- Observations: what happened in the world. ---

struct ProviderStarted
{
    NodeId node;
    std::string providerReference;
    NodeEndpoints endpoints;
};

struct ProviderFailed
{
    NodeId node;
    Error error;
};

// The node's process or machine does not exist any more.
struct NodeGone
{
    NodeId node;
    std::string how;  // "was killed by signal 9", "exited with status 1"
};

// The node said Hello with a credential that holds.
struct NodeConnected
{
    node_protocol::Hello hello;
};

struct NodeDisconnected
{
    NodeId node;
};

struct NodeHeartbeat
{
    NodeId node;
    node_protocol::Heartbeat heartbeat;
};

// What the control plane saw when it came to the node as a client does.
struct NodeProbed
{
    NodeId node;
    bool answers = false;  // in its protocol: a connection alone is the work of the system, and says nothing
};

// What many nodes say in one turn, sorted by node: the same as one by one, and cheaper.
struct HeartbeatsObserved
{
    std::vector<NodeHeartbeat> heartbeats;
};

using Observation = std::variant<ProviderStarted, ProviderFailed, NodeGone, NodeConnected, NodeDisconnected,
                                 NodeHeartbeat, HeartbeatsObserved, NodeProbed, DemandObserved>;

struct Step
{
    Transaction transaction;
    std::vector<Effect> effects;
};

struct CommandStep
{
    Step step;
    CommandOutcome outcome;
};

struct EngineOptions
{
    std::string deploymentName;
    std::map<std::string, std::string> platformMap;  // beside LOCAL, which is always there
    ZoneLoader zones;  // of the plan; the same name gives the same zone as long as the engine lives
    std::uint64_t seed = 1;
};

// A command's ifVersion is the version of its node group, and for a node Node::stateSince in epoch milliseconds.
// Audit records get their sequence here, continuing EngineState::auditSequence without gaps.
//
// The value machine: every decision of the control plane, no clock, thread, file or socket. Not thread-safe.
// Calling order per input: prepare/observe/advance gives a step; the host commits its transaction, then carries out the
// effects. A command's step takes effect in memory only by commit(), after the store has it.
class Engine
{
public:
    Engine(EngineOptions options, EngineState state, TimePoint now);
    ~Engine();
    Engine(Engine&&) noexcept;

    // Validates and computes, changes nothing. Errors: InvalidArgument, NotFound, AlreadyExists, VersionMismatch,
    // Conflict.
    Result<CommandStep> prepare(const CommandRequest& request, TimePoint now) const;
    void commit(const CommandStep& step, TimePoint now);

    // Changes memory at once; the host repeats the commit until the store takes it, and only then runs the effects.
    Step observe(const Observation& observation, TimePoint now);

    // Compares what should be with what is. Idempotent: a second call at the same instant gives an empty step.
    Step advance(TimePoint now);

    // When advance() is next worth calling; not later than now if an input since the last one calls for it, so a host
    // asks after each input. None if time alone changes nothing.
    std::optional<TimePoint> nextWakeup() const;

    // Never null. The same object until an item changes.
    StoredPlanPtr plan() const;

    // Never null. The same object until one of them changes.
    StoredProvisionsPtr provisions() const;

    // Each one has a larger sequence than the one before.
    std::shared_ptr<Snapshot> snapshot(TimePoint now) const;

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
