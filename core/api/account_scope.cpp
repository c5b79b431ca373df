#include "core/api/account_scope.h"

#include <algorithm>
#include <set>

namespace headgate {

namespace {

using Groups = std::set<NodeGroupName>;

Groups groupsOf(const Caller& caller, const Snapshot& snapshot)
{
    Groups groups;
    for (const DeploymentStatus& status : snapshot.deployments) {
        if (std::ranges::binary_search(caller.deployments, status.stored.deployment.name))
            groups.insert(status.stored.deployment.nodeGroups.begin(), status.stored.deployment.nodeGroups.end());
    }
    return groups;
}

const PlanScope* scopeOf(const PlanItem& item)
{
    if (const auto* schedule = std::get_if<Schedule>(&item))
        return &schedule->scope;
    if (const auto* overlay = std::get_if<Overlay>(&item))
        return &overlay->scope;
    const auto* limit = std::get_if<PlanLimit>(&item);
    return limit ? &limit->scope : nullptr;
}

bool isOf(const Groups& groups, const PlanItem& item)
{
    if (const auto* configuration = std::get_if<ConfigurationOverlay>(&item))
        return groups.contains(configuration->base);
    const PlanScope* scope = scopeOf(item);
    return scope && groups.contains(scope->nodeGroup);
}

ClusterTotals totalsOf(const Snapshot& snapshot)
{
    ClusterTotals totals;
    for (const NodeStatus& node : snapshot.nodes) {
        totals.viewers += node.load.subscribers;
        totals.publishers += node.load.publishers;
    }
    totals.streams = static_cast<int>(snapshot.streams.size());
    for (const StreamStatus& stream : snapshot.streams)
        totals.bitsInPerSecond += stream.ingest.bitsPerSecond;
    for (const NodeStatus& node : snapshot.nodes)
        totals.bitsOutPerSecond += node.servedBitsPerSecond;
    return totals;
}

// Whether all that a command concerns belongs to the groups or deployments; commands that no such caller may give do
// not.
class ReachCheck
{
public:
    ReachCheck(const Caller& caller, const Snapshot& snapshot, const StoredPlan& plan)
        : m_caller(caller), m_snapshot(snapshot), m_plan(plan), m_groups(groupsOf(caller, snapshot))
    {}

    bool operator()(const ReplaceNodeGroup& command) const { return has(command.group.name) && has(command.plan); }
    bool operator()(const DeleteNodeGroup& command) const { return has(command.name); }
    bool operator()(const DrainNode& command) const { return has(command.node); }
    bool operator()(const UndrainNode& command) const { return has(command.node); }
    bool operator()(const StopNode& command) const { return has(command.node); }
    bool operator()(const DisconnectViewer& command) const { return has(command.node); }
    bool operator()(const CreatePlanItem& command) const { return isOf(m_groups, command.item); }
    // Neither the one that is there nor the one that takes its place may be of others.
    bool operator()(const ReplacePlanItem& command) const
    {
        return isOf(m_groups, command.item) && has(keyOf(command.item));
    }
    bool operator()(const DeletePlanItem& command) const { return has(command.key); }
    bool operator()(const ReplaceDeployment& command) const
    {
        return hasDeployment(command.deployment.name) &&
               std::ranges::all_of(command.deployment.nodeGroups, [this](const auto& group) { return has(group); });
    }
    bool operator()(const SetDeploymentPower& command) const { return hasDeployment(command.name); }
    bool operator()(const RestartDeployment& command) const { return hasDeployment(command.name); }
    bool operator()(const PutProvisions& command) const { return has(command.nodeGroup); }
    bool operator()(const DeleteProvision& command) const { return has(command.key.nodeGroup); }
    bool operator()(const DistributeProvision& command) const { return has(command.key.nodeGroup); }
    bool operator()(const WithdrawProvision& command) const { return has(command.key.nodeGroup); }
    bool operator()(const auto&) const { return false; }

private:
    bool has(const NodeGroupName& group) const { return m_groups.contains(group); }
    bool has(const NodeId& id) const
    {
        const NodeStatus* node = m_snapshot.findNode(id);
        return node && has(node->node.pool.nodeGroup);
    }
    bool has(const PlanItemKey& key) const
    {
        return std::ranges::any_of(m_plan.items, [&](const StoredPlanItem& stored) {
            return keyOf(stored.item) == key && isOf(m_groups, stored.item);
        });
    }
    bool has(const PlanEdits& edits) const
    {
        const auto isFresh = [this](const PlanItemKey& key) {
            return std::ranges::none_of(m_plan.items,
                                        [&](const StoredPlanItem& stored) { return keyOf(stored.item) == key; });
        };
        return std::ranges::all_of(edits.put,
                                   [&](const PlanItem& item) {
                                       return isOf(m_groups, item) && (isFresh(keyOf(item)) || has(keyOf(item)));
                                   }) &&
               std::ranges::all_of(edits.removed, [&](const PlanItemKey& key) { return isFresh(key) || has(key); });
    }
    bool hasDeployment(const std::string& name) const { return std::ranges::binary_search(m_caller.deployments, name); }

    const Caller& m_caller;
    const Snapshot& m_snapshot;
    const StoredPlan& m_plan;
    const Groups m_groups;
};

}  // namespace

SnapshotPtr seenBy(const Caller& caller, const SnapshotPtr& snapshot)
{
    if (!caller.isScoped())
        return snapshot;
    const Groups groups = groupsOf(caller, *snapshot);
    auto part = std::make_shared<Snapshot>(*snapshot);
    std::erase_if(part->nodeGroups, [&](const NodeGroupStatus& s) { return !groups.contains(s.group.name); });
    std::erase_if(part->nodes, [&](const NodeStatus& s) { return !groups.contains(s.node.pool.nodeGroup); });
    std::erase_if(part->streams, [&](const StreamStatus& s) { return !groups.contains(s.nodeGroup); });
    std::erase_if(part->jobs, [&](const JobStatus& s) { return !groups.contains(s.nodeGroup); });
    std::erase_if(part->deployments, [&](const DeploymentStatus& s) {
        return !std::ranges::binary_search(caller.deployments, s.stored.deployment.name);
    });
    for (NodeImageStatus& image : part->nodeImages)
        std::erase_if(image.uses, [&](const NodeImageUse& use) { return !groups.contains(use.nodeGroup); });
    part->recentAudit.clear();
    part->totals = totalsOf(*part);
    return part;
}

SnapshotPtr ScopedSnapshots::of(const Caller& caller, const SnapshotPtr& snapshot)
{
    if (!caller.isScoped())
        return snapshot;
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_parts, [](const auto& entry) { return entry.second.whole.expired(); });
    Part& part = m_parts[caller.deployments];
    if (part.whole.lock() != snapshot)
        part = {snapshot, seenBy(caller, snapshot)};
    return part.seen;
}

StoredPlanPtr seenBy(const Caller& caller, const StoredPlanPtr& plan, const Snapshot& snapshot)
{
    if (!caller.isScoped())
        return plan;
    auto part = std::make_shared<StoredPlan>(*plan);
    std::erase_if(part->items, [groups = groupsOf(caller, snapshot)](const StoredPlanItem& stored) {
        return !isOf(groups, stored.item);
    });
    return part;
}

Result<void> checkReach(const Caller& caller, const Command& command, const Snapshot& snapshot, const StoredPlan& plan)
{
    if (!caller.isScoped() || std::visit(ReachCheck(caller, snapshot, plan), command))
        return {};
    return fail(ErrorCode::NotFound, "There is no such thing in the deployments of " + caller.actor.name + ".",
                "An admin of everything can give it more of them.");
}

}  // namespace headgate
