#pragma once

#include "core/domain/audit.h"
#include "core/domain/deployment.h"
#include "core/domain/job.h"
#include "core/domain/node.h"
#include "core/domain/node_group.h"
#include "core/domain/node_image_record.h"
#include "core/domain/object_origin.h"
#include "core/domain/region.h"
#include "core/domain/stream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// Everything a reader may know, at one instant. Immutable once published; compared and copied by value.

struct PoolStatus
{
    PoolKey key;
    std::string region;
    int wanted = 0;
    int ready = 0;  // InService and Healthy
    int warming = 0;
    int standby = 0;  // booted, and wait to be wanted
    int draining = 0;
    int unwell = 0;    // Suspect, Dead, Quarantined or Partitioned
    int outdated = 0;  // of those ready: run from another image than the group wants now, or from before a restart

    // What the plan says for now. Until its floor rises, `wanted` may already be above min: nodes are made ready ahead.
    bool isActive = true;
    int min = 0;
    int max = 0;
    std::vector<std::string> reasons;  // who had a part, the last one decided: "overlay Cup final, priority 200"
    Duration leadTime{0};              // so long before its floor rises its nodes are ordered, by what was measured

    bool operator==(const PoolStatus&) const = default;
};

// What a group does to be what its plan says.
enum class GroupActivity
{
    Active,        // has what is wanted now
    Activating,    // lacks nodes
    Deactivating,  // is inactive and has nodes that still serve
    Inactive
};

struct NodeGroupStatus
{
    NodeGroup group;            // as written; a configuration overlay may hold in its place
    std::uint64_t version = 0;  // of the configuration; its ETag
    TimePoint createdAt;
    TimePoint updatedAt;
    std::string updatedBy;
    std::vector<PoolStatus> pools;  // sorted by key
    GroupActivity activity = GroupActivity::Active;
    std::vector<std::string> waitsFor;    // sentences: "2 publishers in eu-west keep their origin."
    std::string configuration;            // name of the configuration overlay that holds now; empty: none
    std::optional<TimePoint> nextChange;  // of the plan
    std::optional<NodeGroup> inForce;     // what routing goes by in place of `group`; not told to remote readers
    ObjectOrigin origin = {};

    const NodeGroup& present() const { return inForce ? *inForce : group; }
    bool operator==(const NodeGroupStatus&) const = default;
};

struct NodeStatus
{
    Node node;
    NodeLoad load;
    TimePoint lastHeard;  // epoch 0 = never
    bool isSealed = false;
    NodeLimits limits;
    // The rates of its streams times those who get them: what it sends in the long run, without the bursts of joiners.
    std::int64_t servedBitsPerSecond = 0;

    bool operator==(const NodeStatus&) const = default;
};

// One hop of a stream: an edge or relay that carries it, and whom it pulls from.
struct StreamHop
{
    NodeId node;
    NodeId parent;  // empty if unknown
    int viewers = 0;
    std::int64_t bitsPerSecond = 0;

    bool operator==(const StreamHop&) const = default;
};

// A stream that is live in one group: its publisher's node and all nodes that carry it now.
struct StreamStatus
{
    NodeGroupName nodeGroup;
    NodeId origin;
    StreamReport ingest;          // as the origin tells it
    int viewers = 0;              // over all nodes
    std::vector<StreamHop> hops;  // origin excluded, sorted by node

    bool operator==(const StreamStatus&) const = default;
};

struct ClusterTotals
{
    int viewers = 0;
    int publishers = 0;
    int streams = 0;
    std::int64_t bitsInPerSecond = 0;   // from publishers
    std::int64_t bitsOutPerSecond = 0;  // to viewers
    std::int64_t bitsBetweenPerSecond = 0;

    bool operator==(const ClusterTotals&) const = default;
};

struct Snapshot
{
    std::uint64_t sequence = 0;  // grows with every published snapshot of one process
    std::uint64_t revision = 0;  // of the stored configuration
    TimePoint takenAt;
    std::string deploymentName;
    std::vector<NodeGroupStatus> nodeGroups;    // sorted by name
    std::vector<NodeStatus> nodes;              // sorted by id
    std::vector<StreamStatus> streams;          // sorted by (group, key)
    std::vector<NodeImageStatus> nodeImages;    // described or named by a group, sorted by name
    std::vector<JobStatus> jobs{};              // sorted by (group, id)
    std::uint64_t planRevision = 0;             // that of the StoredPlan at this instant
    std::vector<RegionStatus> regions;          // built in and added, sorted by name
    std::string defaultRegion;                  // empty: none was chosen
    std::vector<DeploymentStatus> deployments;  // sorted by name
    std::vector<AuditRecord> recentAudit;       // the last 50, newest first
    ClusterTotals totals;
    std::string storeFailure;  // why nothing can be saved at present; empty if all is well

    const NodeGroupStatus* findNodeGroup(const NodeGroupName& name) const;
    const NodeStatus* findNode(const NodeId& id) const;
    const NodeImageStatus* findNodeImage(const std::string& name) const;
    const StreamStatus* findStream(const NodeGroupName& group, const StreamKey& key) const;
    bool operator==(const Snapshot&) const = default;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace headgate
