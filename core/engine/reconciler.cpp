#include "core/engine/reconciler.h"

#include "core/engine/audit_text.h"
#include "core/engine/autoscaler.h"
#include "core/engine/node_lifecycle.h"
#include "core/engine/pool_planner.h"
#include "core/engine/region_breaker.h"

#include <algorithm>

namespace headgate::reconciler {

namespace {

constexpr int nodeIdLength = 10;

void retire(StepWriter& writer, const NodeId& id, const std::string& why, Decision decision = {})
{
    NodeRecord& record = *writer.model().findNode(id);
    record.isReplaced = true;  // leaves no gap
    record.node.isRetired = true;
    if (isWarming(record.node.state)) {
        writer.setState(record, NodeState::DestructionRequested);
        writer.audit(audit_text::nodeNotNeeded(record.node));
    } else {
        writer.setState(record, NodeState::SoftSunset);
        AuditDraft draft = audit_text::nodeDrains(record.node, why);
        draft.decision = std::move(decision);
        writer.audit(std::move(draft));
    }
}

void takeBack(StepWriter& writer, const NodeId& id)
{
    NodeRecord& record = *writer.model().findNode(id);
    record.isReplaced = false;
    record.node.isRetired = false;
    writer.setState(record, NodeState::InService);
    writer.audit(audit_text::nodeTakenBack(record.node));
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

std::string_view lossOf(NodeHealth health)
{
    switch (health) {
    case NodeHealth::Dead:
        return "is dead";
    case NodeHealth::Partitioned:
        return "is out of reach";
    case NodeHealth::Quarantined:
        return "is not to be relied on";
    case NodeHealth::Healthy:
    case NodeHealth::Suspect:
        break;
    }
    return "leaves";
}

// Why the pool gets one more node.
std::string reasonFor(EngineModel& model, const PoolPlan& plan, const ConfigurationAhead* ahead)
{
    if (ahead)
        return "It is to be in service at " + toRfc3339(ahead->start) + ", when " +
               (ahead->name.empty() ? "its group's own configuration" : "configuration " + ahead->name) + " begins.";
    if (NodeRecord* old = findUnreplaced(model, plan.pool.key)) {
        old->isReplaced = true;
        return "It replaces node " + old->node.id.value + ", which " + std::string(lossOf(old->node.health)) + ".";
    }
    if (plan.successors > 0)
        return "It is to take the place of a node that is not as its group wants it now.";
    const std::string nodes = audit_text::counted(plan.wanted, "node");
    if (plan.standby() > 0)
        return "Its pool is to have " + nodes + ", and " + std::to_string(plan.standby()) + " that stand by.";
    if (plan.isScaled)
        return "Its pool is to have " + nodes + ": " + plan.reasons.back() + ".";
    if (plan.wanted > plan.bounds.min)
        return "Its pool is to have " + nodes + " within " + std::to_string(plan.orderedAhead.count()) +
               " s, and they are ordered so long ahead.";
    return "Its pool keeps at least " + nodes + ".";
}

std::string surplusReason(const PoolPlan& plan)
{
    if (plan.wanted > 0)
        return "Its pool needs " + audit_text::counted(plan.wanted, "node") + " only.";
    return "Its pool needs no nodes now: " + plan.reasons.back() + ".";
}

NodeId freshId(EngineModel& model)
{
    NodeId id;
    do
        id = NodeId(model.random.alphanumeric(nodeIdLength));
    while (model.nodes.contains(id));
    return id;
}

// `ahead` is null for a node as the group wants it now.
void request(StepWriter& writer, const GroupOrder& order, const PoolPlan& plan, const ConfigurationAhead* ahead)
{
    const NodeGroup& group = ahead ? ahead->group : order.group;
    const Role* role = group.findRole(plan.pool.key.role);
    if (!role)
        return;
    Node node;
    node.id = freshId(writer.model());
    node.pool = plan.pool.key;
    node.region = plan.pool.region;
    node.imageName = role->imageName;
    if (const NodeImage* image = ahead ? group.findImage(role->imageName) : nullptr) {
        node.launchedImage = image->image;
        node.launchedCapabilities = role->capabilities;
    }
    node.stateSince = writer.now();
    node.createdAt = writer.now();
    node.reason = reasonFor(writer.model(), plan, ahead);
    writer.audit(audit_text::nodeRequested(writer.addNode(std::move(node)).node));
}

bool mayLaunch(const EngineModel& model, const PoolKey& pool, TimePoint now)
{
    const auto it = model.backOffs.find(pool);
    if (it == model.backOffs.end() || now >= it->second.notBefore)
        return true;
    return now < it->second.lastFailure;  // the clock was set back
}

// Of those that are missing. Who takes the place of one that was lost keeps to the pool's budget and the fleet's.
int startedNow(EngineModel& model, const PoolPlan& plan, TimePoint now)
{
    if (!mayLaunch(model, plan.pool.key, now))
        return 0;
    const auto budget = model.replacements.find(plan.pool.key);
    if (budget == model.replacements.end())
        return plan.missing + plan.missingAhead;
    using Pace = ReplacementBudget::Pace;
    const Pace pace = region_breaker::isOpen(model, plan.pool.region) ? Pace::Tenth : Pace::Full;
    ReplacementBudget::settleFleet(model.fleetReplacements, static_cast<int>(model.nodes.size()), now);
    const int started = budget->second.take(plan.missing, plan.wanted, pace, model.fleetReplacements, now);
    if (budget->second.withheld() > 0)
        model.pacedUntil = std::min(model.pacedUntil.value_or(budget->second.nextAt()), budget->second.nextAt());
    return started + plan.missingAhead;
}

// While nobody is to leave for want of work, only what is above the plan's ceiling does, and who serves nobody yet.
void retireSurplus(StepWriter& writer, const PoolPlan& plan)
{
    int most = static_cast<int>(plan.surplus.size());
    if (region_breaker::holdsScaleIn(writer.model()))
        most = std::clamp(plan.wanted + plan.standby() + most - plan.bounds.max, 0, most);
    for (const NodeId& id : plan.surplus) {
        const bool isWorking = !isWarming(writer.model().findNode(id)->node.state);
        if (!isWorking || most > 0)
            retire(writer, id, surplusReason(plan), whyItLeaves(writer.model(), *writer.model().findNode(id)));
        --most;
    }
}

// Those that are not to be relied on. Their gap is filled.
void drainQuarantined(StepWriter& writer)
{
    for (auto& [id, record] : writer.model().nodes) {
        if (record.node.health != NodeHealth::Quarantined || record.node.state != NodeState::InService)
            continue;
        const NodeGroup* group = writer.model().groupInForce(record.node.pool.nodeGroup);
        if (!group || group->isScalingPaused || region_breaker::isOpen(writer.model(), record.node.region))
            continue;
        record.node.isRetired = true;
        writer.model().replacements[record.node.pool].noteLoss();
        writer.setState(record, NodeState::SoftSunset);
        writer.audit(audit_text::nodeDrains(record.node, record.node.failure));
    }
}

void advanceGroup(StepWriter& writer, const GroupOrder& order)
{
    const GroupPlan groupPlan = plan(writer.model(), order, writer.now());
    for (const NodeId& id : groupPlan.orphans)
        retire(writer, id, "Its node group has no such pool any more.");
    std::optional<TimePoint>& pacedUntil = writer.model().pacedUntil;
    for (const PoolPlan& pool : groupPlan.pools) {
        for (const NodeId& id : pool.promoted)
            node_lifecycle::putIntoService(writer, *writer.model().findNode(id));
        for (const NodeId& id : pool.returning)
            takeBack(writer, id);
        retireSurplus(writer, pool);
        if (!region_breaker::isOpen(writer.model(), pool.pool.region)) {
            for (const NodeId& id : pool.replaced)
                retire(writer, id, "Another node, as its group wants it now, is in its place.");
        }
        const int started = startedNow(writer.model(), pool, writer.now());
        for (int i = 0; i < started; ++i)
            request(writer, order, pool, i < started - pool.missingAhead ? nullptr : &*order.ahead);
        if (pool.pacedUntil)
            pacedUntil = std::min(pacedUntil.value_or(*pool.pacedUntil), *pool.pacedUntil);
    }
}

// Nobody is started, and nobody goes.
PoolPlan pausedPool(const PoolOrder& order, const PoolNodes& nodes)
{
    PoolPlan plan;
    static_cast<PoolOrder&>(plan) = order;
    plan.outdated = static_cast<int>(nodes.outdated.size());
    plan.wanted = static_cast<int>(nodes.current.size() + nodes.outdated.size());
    plan.ahead = static_cast<int>(nodes.ahead.size());
    return plan;
}

bool fits(const NodeGroup& group, const Node& node)
{
    const Role* role = group.findRole(node.pool.role);
    const NodeImage* image = role ? group.findImage(role->imageName) : nullptr;
    return image && node.launchedImage == image->image && node.launchedCapabilities == role->capabilities;
}

}  // namespace

bool isAhead(const GroupOrder& order, const Node& node)
{
    if (!order.ahead || node.createdAt < order.restartedAt || !fits(order.ahead->group, node))
        return false;
    const auto pool =
        std::ranges::lower_bound(order.pools, node.pool, {}, [](const PoolOrder& o) { return o.pool.key; });
    const bool isWanted = pool != order.pools.end() && pool->pool.key == node.pool && pool->ahead > 0;
    return isWanted && (order.ahead->newPools.contains(node.pool) || !fits(order.group, node));
}

const NodeGroup* groupToLaunch(const EngineModel& model, const Node& node)
{
    const GroupOrder* order = plan_book::find(model, node.pool.nodeGroup);
    return order && isAhead(*order, node) ? &order->ahead->group : model.groupInForce(node.pool.nodeGroup);
}

bool isOutdated(const GroupOrder& order, const Node& node)
{
    if (node.createdAt < order.restartedAt)
        return true;
    if (isAhead(order, node))
        return false;
    const Role* role = node.launchedImage.empty() ? nullptr : order.group.findRole(node.pool.role);
    const NodeImage* image = role ? order.group.findImage(role->imageName) : nullptr;
    return image && (node.launchedImage != image->image || node.launchedCapabilities != role->capabilities);
}

GroupPlan plan(const EngineModel& model, const GroupOrder& order, TimePoint now)
{
    std::map<PoolKey, PoolNodes> have;
    for (const auto& [id, record] : model.nodes) {
        if (record.node.pool.nodeGroup == order.group.name)
            sortIn(have[record.node.pool], record, order, now);
    }
    GroupPlan result;
    const bool isPaused = order.group.isScalingPaused && order.stoppedBy.empty();
    for (const PoolOrder& pool : order.pools) {
        auto found = have.extract(pool.pool.key);
        PoolNodes nodes = found ? std::move(found.mapped()) : PoolNodes();
        result.pools.push_back(isPaused ? pausedPool(pool, nodes)
                                        : planPool(autoscaler::scaled(model, pool), std::move(nodes)));
        result.pools.back().isScaled = result.pools.back().wanted > pool.wanted && !isPaused;
    }
    for (const auto& [key, nodes] : isPaused ? std::map<PoolKey, PoolNodes>() : have) {
        for (const auto* kind : {&nodes.current, &nodes.outdated}) {
            for (const NodeRecord* record : *kind)
                result.orphans.push_back(record->node.id);
        }
    }
    return result;
}

void advance(StepWriter& writer)
{
    EngineModel& model = writer.model();
    model.pacedUntil.reset();
    drainQuarantined(writer);
    for (const auto& [name, page] : model.planBook)
        advanceGroup(writer, page.order);
}

std::optional<TimePoint> deadline(const EngineModel& model)
{
    std::optional<TimePoint> earliest = model.pacedUntil;
    for (const auto& [pool, backOff] : model.backOffs) {
        const bool isAhead = backOff.notBefore > model.lastAdvance;
        const GroupOrder* order = isAhead ? plan_book::find(model, pool.nodeGroup) : nullptr;
        if (!order || (earliest && *earliest <= backOff.notBefore))
            continue;
        const auto pools = plan(model, *order, model.lastInput).pools;
        const auto it = std::find_if(pools.begin(), pools.end(), [&](const PoolPlan& p) { return p.pool.key == pool; });
        if (it != pools.end() && it->missing + it->missingAhead > 0)
            earliest = backOff.notBefore;
    }
    return earliest;
}

}  // namespace headgate::reconciler
