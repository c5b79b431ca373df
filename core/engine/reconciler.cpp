#include "core/engine/reconciler.h"

#include "core/engine/audit_text.h"

#include <algorithm>
#include <tuple>

namespace headgate::reconciler {

namespace {

constexpr int nodeIdLength = 10;

// Smaller = loses less by leaving.
auto loss(const NodeRecord& record)
{
    return std::make_tuple(record.node.state == NodeState::InService, record.load.publishers, record.load.subscribers,
                           -toEpochMs(record.node.createdAt));
}

bool losesLess(const NodeRecord* a, const NodeRecord* b)
{
    if (loss(*a) != loss(*b))
        return loss(*a) < loss(*b);
    return a->node.id > b->node.id;
}

PoolPlan planPool(const Pool& pool, bool isPaused, std::vector<const NodeRecord*> have)
{
    const int count = static_cast<int>(have.size());
    PoolPlan result{pool, isPaused ? count : pool.rule.min, 0, {}};
    result.missing = std::max(0, result.wanted - count);
    std::sort(have.begin(), have.end(), losesLess);
    for (int i = 0; i < count - result.wanted; ++i)
        result.surplus.push_back(have[static_cast<std::size_t>(i)]->node.id);
    return result;
}

void retire(StepWriter& writer, const NodeId& id, const std::string& why)
{
    NodeRecord& record = *writer.model().findNode(id);
    record.isReplaced = true;  // leaves no gap
    if (isWarming(record.node.state)) {
        writer.setState(record, NodeState::DestructionRequested);
        writer.audit(audit_text::nodeNotNeeded(record.node));
    } else {
        writer.setState(record, NodeState::SoftSunset);
        writer.audit(audit_text::nodeDrains(record.node, why));
    }
}

// The node that left a gap, so that the new one's reason can name it.
NodeRecord* findUnreplaced(EngineModel& model, const PoolKey& pool)
{
    for (auto& [id, record] : model.nodes) {
        if (record.node.pool == pool && !isCapacity(record) && !record.isReplaced)
            return &record;
    }
    return nullptr;
}

std::string reasonFor(EngineModel& model, const PoolPlan& plan)
{
    if (NodeRecord* old = findUnreplaced(model, plan.pool.key)) {
        old->isReplaced = true;
        const bool isDead = old->node.health == NodeHealth::Dead;
        return "It replaces node " + old->node.id.value + (isDead ? ", which is dead." : ", which leaves.");
    }
    return "Its pool keeps at least " + audit_text::counted(plan.wanted, "node") + ".";
}

NodeId freshId(EngineModel& model)
{
    NodeId id;
    do
        id = NodeId(model.random.alphanumeric(nodeIdLength));
    while (model.nodes.contains(id));
    return id;
}

void request(StepWriter& writer, const NodeGroup& group, const PoolPlan& plan)
{
    const Role* role = group.findRole(plan.pool.key.role);
    if (!role)
        return;
    Node node;
    node.id = freshId(writer.model());
    node.pool = plan.pool.key;
    node.region = plan.pool.region;
    node.imageName = role->imageName;
    node.stateSince = writer.now();
    node.createdAt = writer.now();
    node.reason = reasonFor(writer.model(), plan);
    writer.audit(audit_text::nodeRequested(writer.addNode(std::move(node)).node));
}

bool mayLaunch(const EngineModel& model, const PoolKey& pool, TimePoint now)
{
    const auto it = model.backOffs.find(pool);
    return it == model.backOffs.end() || now >= it->second.notBefore;
}

void advanceGroup(StepWriter& writer, const NodeGroup& group)
{
    const GroupPlan groupPlan = plan(writer.model(), group);
    for (const NodeId& id : groupPlan.orphans)
        retire(writer, id, "Its node group has no such pool any more.");
    for (const PoolPlan& poolPlan : groupPlan.pools) {
        for (const NodeId& id : poolPlan.surplus)
            retire(writer, id, "Its pool needs " + audit_text::counted(poolPlan.wanted, "node") + " only.");
        for (int i = 0; i < poolPlan.missing && mayLaunch(writer.model(), poolPlan.pool.key, writer.now()); ++i)
            request(writer, group, poolPlan);
    }
}

}  // namespace

GroupPlan plan(const EngineModel& model, const NodeGroup& group)
{
    std::map<PoolKey, std::vector<const NodeRecord*>> have;
    for (const auto& [id, record] : model.nodes) {
        if (record.node.pool.nodeGroup == group.name && isCapacity(record))
            have[record.node.pool].push_back(&record);
    }
    GroupPlan result;
    for (const Pool& pool : poolsOf(group)) {
        auto nodes = have.extract(pool.key);
        result.pools.push_back(planPool(pool, group.isScalingPaused,
                                        nodes ? std::move(nodes.mapped()) : std::vector<const NodeRecord*>()));
    }
    for (const auto& [key, records] : have) {
        for (const NodeRecord* record : records)
            result.orphans.push_back(record->node.id);
    }
    return result;
}

void advance(StepWriter& writer)
{
    for (const auto& [name, stored] : writer.model().groups)
        advanceGroup(writer, stored.group);
}

std::optional<TimePoint> deadline(const EngineModel& model, TimePoint now)
{
    std::optional<TimePoint> earliest;
    for (const auto& [pool, backOff] : model.backOffs) {
        const NodeGroup* group = backOff.notBefore > now ? model.findGroup(pool.nodeGroup) : nullptr;
        if (!group || (earliest && *earliest <= backOff.notBefore))
            continue;
        const auto pools = plan(model, *group).pools;
        const auto it = std::find_if(pools.begin(), pools.end(), [&](const PoolPlan& p) { return p.pool.key == pool; });
        if (it != pools.end() && it->missing > 0)
            earliest = backOff.notBefore;
    }
    return earliest;
}

}  // namespace headgate::reconciler
