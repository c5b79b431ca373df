#include "core/engine/model.h"

#include "core/plan/node_capacity.h"

namespace headgate {

namespace {

// A node that is in service tells how long it took, unless it came into service a second time.
void learnLeadTime(EngineModel& model, const Node& node)
{
    const Duration boot = node.stateSince - node.createdAt;
    const auto group = model.groups.find(node.pool.nodeGroup);
    if (node.state != NodeState::InService || node.launchedImage.empty() || group == model.groups.end())
        return;
    if (boot > Duration::zero() && boot < plan_book::launchTimeout(model, group->second.group, node.pool.role))
        model.leadTimes.add({group->second.group.cloudPlatform, node.launchedImage}, boot);
}

}  // namespace

EngineModel::EngineModel(EngineOptions engineOptions, EngineState state, TimePoint now)
    : options(std::move(engineOptions)),
      random(options.seed),
      startedAt(now),
      revision(state.revision),
      auditSequence(state.auditSequence),
      planRevision(state.planRevision),
      planFollowedUntil(state.planFollowedUntil),
      defaultRegion(std::move(state.defaultRegion)),
      tokenKeys(state.tokenKeys),
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
    for (StoredProvision& provision : state.provisions) {
        provisionRevisions[provision.nodeGroup] = revision;
        job_places::put(jobBook, provision);
        provisions.emplace(provision.key(), std::move(provision));
    }
    for (const Node& node : state.nodes)
        learnLeadTime(*this, node);
    for (Node& node : state.nodes) {
        NodeRecord record;
        // The node may have served all the time: it has the grace to be heard before silence counts.
        record.silentSince = now + adoptionGrace;
        if (isWarming(node.state) && node.state != NodeState::Requested)
            record.launchedAt = now;
        if (const NodeGroup* group = findGroup(node.pool.nodeGroup))
            record.launchTimeout = plan_book::launchTimeout(*this, *group, node.pool.role);
        record.isReplaced = node.isRetired;
        // What was in doubt is still: with it the region that lost it is degraded again.
        if (node.health == NodeHealth::Suspect || node.health == NodeHealth::Partitioned)
            record.lostAt = now;
        record.node = std::move(node);
        nodes.emplace(record.node.id, std::move(record));
    }
}

const NodeGroup* EngineModel::findGroup(const NodeGroupName& name) const
{
    const auto it = groups.find(name);
    return it != groups.end() ? &it->second.group : nullptr;
}

const NodeGroup* EngineModel::groupInForce(const NodeGroupName& name) const
{
    const GroupOrder* order = plan_book::find(*this, name);
    return order ? &order->group : findGroup(name);
}

const Role* EngineModel::findRole(const PoolKey& pool) const
{
    const NodeGroup* group = groupInForce(pool.nodeGroup);
    return group ? group->findRole(pool.role) : nullptr;
}

std::string EngineModel::imageOf(const Node& node) const
{
    if (!node.launchedImage.empty())
        return node.launchedImage;
    const NodeGroup* group = groupInForce(node.pool.nodeGroup);
    const NodeImage* image = group ? group->findImage(node.imageName) : nullptr;
    return image ? image->image : std::string();
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
    if (transaction.tokenKeys)
        model.tokenKeys = *transaction.tokenKeys;
    for (const std::string& name : transaction.removedDeployments)
        model.deployments.erase(name);
    for (const StoredDeployment& deployment : transaction.putDeployments)
        model.deployments.insert_or_assign(deployment.deployment.name, deployment);
}

void applyProvisions(EngineModel& model, const Transaction& transaction)
{
    for (const ProvisionKey& key : transaction.removedProvisions) {
        model.provisions.erase(key);
        job_places::remove(model.jobBook, key);
        model.provisionRevisions[key.nodeGroup] = transaction.revision;
    }
    for (const StoredProvision& provision : transaction.putProvisions) {
        model.provisions.insert_or_assign(provision.key(), provision);
        job_places::put(model.jobBook, provision);
        model.provisionRevisions[provision.nodeGroup] = transaction.revision;
    }
}

}  // namespace

void apply(EngineModel& model, const Transaction& transaction, TimePoint now)
{
    plan_book::forget(model, transaction);
    model.revision = transaction.revision;
    for (const NodeGroupName& name : transaction.removedNodeGroups) {
        model.groups.erase(name);
        std::erase_if(model.backOffs, [&](const auto& entry) { return entry.first.nodeGroup == name; });
        std::erase_if(model.replacements, [&](const auto& entry) { return entry.first.nodeGroup == name; });
    }
    for (const StoredNodeGroup& group : transaction.putNodeGroups)
        model.groups.insert_or_assign(group.group.name, group);
    for (const NodeId& id : transaction.removedNodes)
        model.nodes.erase(id);
    for (const Node& node : transaction.putNodes)
        model.nodes[node.id].node = node;
    for (const std::string& name : transaction.removedNodeImages)
        model.images.erase(name);
    for (const StoredNodeImage& image : transaction.putNodeImages)
        model.images.insert_or_assign(image.record.name, image);
    for (const std::string& name : transaction.removedAccounts)
        model.accounts.erase(name);
    for (const Account& account : transaction.putAccounts)
        model.accounts.insert_or_assign(account.name, account);
    applyPlan(model, transaction);
    applyProvisions(model, transaction);
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

bool standsBy(const NodeRecord& record)
{
    return record.node.state == NodeState::Started && record.sequence > 0 && !record.launchedAt;
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
    return record.node.state <= NodeState::InService && record.node.health != NodeHealth::Dead &&
           record.node.health != NodeHealth::Partitioned;
}

bool isHeard(const NodeRecord& record)
{
    return record.isConnected && record.lastHeard >= record.silentSince;
}

bool takesPublishers(const Node& node, const Role* role)
{
    if (!node.launchedImage.empty())
        return node.launchedCapabilities.contains(Capability::Publish);
    return role && role->can(Capability::Publish);
}

NodeLimits limitsOf(const EngineModel& model, const NodeRecord& record)
{
    const auto described = model.images.find(model.imageOf(record.node));
    return capacity::limitsOf(described == model.images.end() ? nullptr : &described->second.record, record.load.cores);
}

std::int64_t servedBitsOf(const NodeRecord& record)
{
    std::int64_t bits = 0;
    for (const StreamReport& report : record.streams)
        bits += (report.viewers + report.children) * report.bitsPerSecond;
    return bits;
}

int sessionsOf(const NodeRecord& record)
{
    return record.load.publishers + record.load.subscribers;
}

}  // namespace headgate
