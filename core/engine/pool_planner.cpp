#include "core/engine/pool_planner.h"

#include "core/engine/audit_text.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace headgate::reconciler {

namespace {

// Smaller = loses less by leaving.
auto loss(const NodeRecord& record)
{
    return std::make_tuple(record.node.state == NodeState::InService, record.load.publishers > 0, record.rank,
                           record.load.publishers, record.load.subscribers, -toEpochMs(record.node.createdAt));
}

bool losesLess(const NodeRecord* a, const NodeRecord* b)
{
    if (loss(*a) != loss(*b))
        return loss(*a) < loss(*b);
    return a->node.id > b->node.id;
}

bool isReady(const NodeRecord* record)
{
    return record->node.state == NodeState::InService && record->node.health == NodeHealth::Healthy;
}

// Once a node is told to seal itself, the word to serve may come too late. What it was told on an earlier connection,
// or by another process, shows in its first heartbeat.
bool couldReturn(const NodeRecord& record)
{
    const bool isToldToSeal = record.sentPolicy && record.sentPolicy->policy == node_protocol::SessionPolicy::Seal;
    return record.node.isRetired && record.node.state == NodeState::SoftSunset &&
           record.node.health == NodeHealth::Healthy && !record.isSealed && !isToldToSeal;
}

bool mayReturn(const NodeRecord& record)
{
    return couldReturn(record) && isHeard(record);
}

enum class First
{
    LeastLoss,
    MostLoss
};

DecisionFact lossFact(const NodeRecord& record)
{
    const std::string state = record.node.state == NodeState::InService ? "" : "not in service, ";
    return {record.node.id.value, state + audit_text::counted(record.load.publishers, "publisher") + ", " +
                                      audit_text::counted(record.load.subscribers, "viewer") + ", ranking " +
                                      std::to_string(record.rank) + ", since " + toRfc3339(record.node.createdAt)};
}

// Puts those that are to be taken in front; mostly there are none.
void rank(std::vector<const NodeRecord*>& nodes, int count, First first)
{
    if (count == 0)
        return;
    std::ranges::sort(nodes, losesLess);
    if (first == First::MostLoss)
        std::ranges::reverse(nodes);
}

// Moves the first `count` of them out.
std::vector<NodeId> takeFirst(std::vector<const NodeRecord*>& from, int count)
{
    std::vector<NodeId> taken;
    for (int i = 0; i < count; ++i)
        taken.push_back(from[static_cast<std::size_t>(i)]->node.id);
    from.erase(from.begin(), from.begin() + count);
    return taken;
}

// Of those that stand by, the oldest first.
void promote(std::vector<NodeId>& promoted, const std::vector<const NodeRecord*>& nodes, int most)
{
    std::vector<const NodeRecord*> waiting;
    std::ranges::copy_if(nodes, std::back_inserter(waiting), [](const NodeRecord* record) {
        return standsBy(*record) && record->node.health == NodeHealth::Healthy;
    });
    const auto count = std::clamp<std::ptrdiff_t>(most, 0, std::ssize(waiting));
    std::ranges::partial_sort(waiting, waiting.begin() + count, {}, [](const NodeRecord* record) {
        return std::tie(record->node.createdAt, record->node.id);
    });
    for (auto it = waiting.begin(); it != waiting.begin() + count; ++it)
        promoted.push_back((*it)->node.id);
}

int inService(const std::vector<const NodeRecord*>& nodes)
{
    return static_cast<int>(std::ranges::count_if(
        nodes, [](const NodeRecord* record) { return record->node.state == NodeState::InService; }));
}

int sizeOf(const std::vector<const NodeRecord*>& nodes)
{
    return static_cast<int>(nodes.size());
}

// Those of the next configuration. Whoever is too many stands for one of the present one, and may have to go.
void planAhead(PoolPlan& plan, PoolNodes& nodes)
{
    const int tooMany = std::max(0, sizeOf(nodes.ahead) - plan.ahead);
    rank(nodes.ahead, tooMany, First::LeastLoss);
    nodes.outdated.insert(nodes.outdated.end(), nodes.ahead.begin(), nodes.ahead.begin() + tooMany);
    const int needed = std::max(0, plan.ahead - sizeOf(nodes.ahead));
    const int back = std::min(needed, sizeOf(nodes.returnableAhead));
    rank(nodes.returnableAhead, back, First::MostLoss);
    plan.returning = takeFirst(nodes.returnableAhead, back);
    plan.missingAhead = needed - back;
}

}  // namespace

void sortIn(PoolNodes& nodes, const NodeRecord& record, const GroupOrder& order, TimePoint now)
{
    if (isAhead(order, record.node)) {
        if (isCapacity(record))
            nodes.ahead.push_back(&record);
        else if (mayReturn(record))
            nodes.returnableAhead.push_back(&record);
        return;
    }
    const bool isOld = isOutdated(order, record.node);
    if (isCapacity(record)) {
        (isOld ? nodes.outdated : nodes.current).push_back(&record);
    } else if (isOld && record.node.isRetired && isDrainingState(record.node.state)) {
        const TimePoint settledAt = record.node.stateSince + replacementPace;
        if (now >= settledAt)
            return;
        ++nodes.settling;
        nodes.settledAt = std::min(nodes.settledAt.value_or(settledAt), settledAt);
    } else if (!isOld && mayReturn(record)) {
        nodes.returnable.push_back(&record);
    } else if (!isOld && couldReturn(record)) {
        ++nodes.unheard;
    }
}

Decision whyItLeaves(const EngineModel& model, const NodeRecord& leaving)
{
    constexpr std::size_t mostRejected = 10;
    std::vector<const NodeRecord*> others;
    for (const auto& [id, record] : model.nodes) {
        if (record.node.pool == leaving.node.pool && isCapacity(record) && id != leaving.node.id)
            others.push_back(&record);
    }
    std::ranges::sort(others, losesLess);
    Decision decision;
    decision.rule = "who loses least goes: not in service, without publishers, by the group's ranking, with the fewest "
                    "publishers, with the fewest viewers, the youngest";
    decision.values = {lossFact(leaving)};
    others.resize(std::min(others.size(), mostRejected));
    for (const NodeRecord* other : others)
        decision.rejected.push_back(lossFact(*other));
    return decision;
}

PoolPlan planPool(const PoolOrder& order, PoolNodes nodes)
{
    PoolPlan plan;
    static_cast<PoolOrder&>(plan) = order;
    planAhead(plan, nodes);
    plan.outdated = sizeOf(nodes.outdated);
    plan.atOnce = std::max(1, order.wanted / 10);
    const int wanted = order.wanted + order.standby();

    // Those with the most sessions come back first, few at a time where they take the places of others.
    const int placed = sizeOf(nodes.current) + sizeOf(nodes.outdated);
    const int early = nodes.outdated.empty() ? 0 : std::max(0, plan.atOnce - nodes.settling);
    const int needed = std::min(wanted - sizeOf(nodes.current), wanted + early - placed);
    const int back = std::clamp(needed, 0, sizeOf(nodes.returnable));
    rank(nodes.returnable, back, First::MostLoss);
    const std::vector<NodeId> returning = takeFirst(nodes.returnable, back);
    plan.returning.insert(plan.returning.end(), returning.begin(), returning.end());

    const int tooMany = std::max(0, sizeOf(nodes.current) + back - wanted);
    rank(nodes.current, tooMany, First::LeastLoss);
    plan.surplus = takeFirst(nodes.current, tooMany);
    const int ready = back + static_cast<int>(std::ranges::count_if(nodes.current, isReady));
    const int current = sizeOf(nodes.current) + back;
    const int stillNeeded = std::max(0, order.wanted - ready);
    const int over = std::max(0, sizeOf(nodes.outdated) - stillNeeded);
    const int inNoPlace = std::max(0, sizeOf(nodes.outdated) - wanted);
    rank(nodes.outdated, over, First::LeastLoss);
    const auto isMoving = [](const NodeRecord* record) { return !isWarming(record->node.state); };
    const auto moving = nodes.settling + std::count_if(nodes.outdated.begin(), nodes.outdated.begin() + over, isMoving);
    const std::vector<NodeId> leaving = takeFirst(nodes.outdated, over);
    const auto places = leaving.begin() + inNoPlace;
    plan.surplus.insert(plan.surplus.end(), leaving.begin(), places);
    plan.replaced.assign(places, leaving.end());

    const int count = current + sizeOf(nodes.outdated);
    const int spare = nodes.outdated.empty() ? 0 : std::max(0, plan.atOnce - static_cast<int>(moving));
    plan.missing = std::max(0, std::min(wanted - current, wanted + spare - count) - nodes.unheard);
    plan.successors = std::min(plan.missing, std::max(0, count + plan.missing - wanted));
    if (!nodes.outdated.empty() && wanted - current > plan.missing)
        plan.pacedUntil = nodes.settledAt;
    promote(plan.promoted, nodes.ahead, sizeOf(nodes.ahead));
    promote(plan.promoted, nodes.current, order.wanted - back - inService(nodes.current) - inService(nodes.outdated));
    return plan;
}

}  // namespace headgate::reconciler
