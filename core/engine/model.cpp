#include "core/engine/model.h"

namespace headgate {

EngineModel::EngineModel(EngineOptions engineOptions, EngineState state, TimePoint now)
    : options(std::move(engineOptions)),
      random(options.seed),
      startedAt(now),
      revision(state.revision),
      auditSequence(state.auditSequence),
      planRevision(state.planRevision),
      planFollowedUntil(state.planFollowedUntil),
      defaultRegion(std::move(state.defaultRegion)),
      recentAudit(state.recentAudit.begin(), state.recentAudit.end()),
      lastInput(now)
{
    for (StoredNodeGroup& group : state.nodeGroups)
        groups.emplace(group.group.name, std::move(group));
    for (StoredNodeImage& image : state.nodeImages)
        images.emplace(image.record.name, std::move(image));
    for (Account& account : state.accounts)
        accounts.emplace(account.name, std::move(account));
    for (StoredPlanItem& item : state.planItems)
        planItems.emplace(keyOf(item.item), std::move(item));
    for (StoredRegion& region : state.regions)
        regions.emplace(region.region.name, std::move(region));
    for (StoredDeployment& deployment : state.deployments)
        deployments.emplace(deployment.deployment.name, std::move(deployment));
    for (Node& node : state.nodes) {
        NodeRecord record;
        // The node may have served all the time: it has the grace to be heard before silence counts.
        record.silentSince = now + adoptionGrace;
        if (isWarming(node.state) && node.state != NodeState::Requested)
            record.launchedAt = now;
        record.node = std::move(node);
        nodes.emplace(record.node.id, std::move(record));
    }
}

const NodeGroup* EngineModel::findGroup(const NodeGroupName& name) const
{
    const auto it = groups.find(name);
    return it != groups.end() ? &it->second.group : nullptr;
}

const Role* EngineModel::findRole(const PoolKey& pool) const
{
    const NodeGroup* group = findGroup(pool.nodeGroup);
    return group ? group->findRole(pool.role) : nullptr;
}

const NodeImage* EngineModel::findImage(const Node& node) const
{
    const NodeGroup* group = findGroup(node.pool.nodeGroup);
    return group ? group->findImage(node.imageName) : nullptr;
}

NodeRecord* EngineModel::findNode(const NodeId& id)
{
    const auto it = nodes.find(id);
    return it != nodes.end() ? &it->second : nullptr;
}

const NodeRecord* EngineModel::findNode(const NodeId& id) const
{
    const auto it = nodes.find(id);
    return it != nodes.end() ? &it->second : nullptr;
}

void remember(std::deque<AuditRecord>& recentAudit, const AuditRecord& record)
{
    recentAudit.push_front(record);
    if (recentAudit.size() > recentAuditLimit)
        recentAudit.pop_back();
}

namespace {

void applyPlan(EngineModel& model, const Transaction& transaction)
{
    for (const PlanItemKey& key : transaction.removedPlanItems)
        model.planItems.erase(key);
    for (const StoredPlanItem& item : transaction.putPlanItems)
        model.planItems.insert_or_assign(keyOf(item.item), item);
    if (transaction.changesPlan())
        model.planRevision = transaction.revision;
    if (transaction.planFollowedUntil)
        model.planFollowedUntil = transaction.planFollowedUntil;
    for (const std::string& name : transaction.removedRegions)
        model.regions.erase(name);
    for (const StoredRegion& region : transaction.putRegions)
        model.regions.insert_or_assign(region.region.name, region);
    if (transaction.defaultRegion)
        model.defaultRegion = *transaction.defaultRegion;
    for (const std::string& name : transaction.removedDeployments)
        model.deployments.erase(name);
    for (const StoredDeployment& deployment : transaction.putDeployments)
        model.deployments.insert_or_assign(deployment.deployment.name, deployment);
}

}  // namespace

void apply(EngineModel& model, const Transaction& transaction, TimePoint now)
{
    model.revision = transaction.revision;
    for (const NodeGroupName& name : transaction.removedNodeGroups) {
        model.groups.erase(name);
        std::erase_if(model.backOffs, [&](const auto& entry) { return entry.first.nodeGroup == name; });
    }
    for (const StoredNodeGroup& group : transaction.putNodeGroups)
        model.groups.insert_or_assign(group.group.name, group);
    for (const NodeId& id : transaction.removedNodes)
        model.nodes.erase(id);
    for (const Node& node : transaction.putNodes) {
        NodeRecord& record = model.nodes[node.id];
        record.node = node;
    }
    for (const std::string& name : transaction.removedNodeImages)
        model.images.erase(name);
    for (const StoredNodeImage& image : transaction.putNodeImages)
        model.images.insert_or_assign(image.record.name, image);
    for (const Account& account : transaction.putAccounts)
        model.accounts.insert_or_assign(account.name, account);
    applyPlan(model, transaction);
    for (const AuditRecord& record : transaction.audit) {
        model.auditSequence = record.sequence;
        remember(model.recentAudit, record);
    }
    model.isDirty = true;
    model.isTopologyChanged = true;
    model.lastInput = now;
}

bool isWarming(NodeState state)
{
    return state < NodeState::InService;
}

bool isDrainingState(NodeState state)
{
    return state == NodeState::SoftSunset || state == NodeState::HardSunset;
}

bool isEnding(NodeState state)
{
    return state >= NodeState::DestructionRequested;
}

bool isCapacity(const NodeRecord& record)
{
    return record.node.state <= NodeState::InService && record.node.health != NodeHealth::Dead;
}

int sessionsOf(const NodeRecord& record)
{
    return record.load.publishers + record.load.subscribers;
}

}  // namespace headgate
