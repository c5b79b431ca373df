#include "core/engine/load_sight.h"

#include "core/engine/model.h"
#include "core/plan/node_capacity.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr Duration freshDemand{5'000};

const PoolDemand* demandOf(const EngineModel& model, const PoolKey& pool, TimePoint now)
{
    const Autoscaling& scaling = model.autoscaling;
    const auto found = scaling.demand.find(pool);
    const bool isFresh = now >= scaling.demandAt && now - scaling.demandAt <= freshDemand;
    return isFresh && found != scaling.demand.end() ? &found->second : nullptr;
}

// What the nodes of one pool have to do, and can do together.
struct PoolLoad
{
    std::int64_t viewers = 0;  // and nodes that pull
    std::int64_t bits = 0;
    std::int64_t publishers = 0;
    NodeLimits perNode;
    PoolDemand demand;

    std::int64_t offeredViewers() const { return viewers + demand.promisedViewers + demand.waitingViewers; }
    std::int64_t bitsPerViewer() const { return viewers > 0 ? bits / viewers : 0; }
};

// The mean of those in service, else what is to be expected.
NodeLimits meanLimits(const EngineModel& model, const GroupOrder& group, const PoolOrder& pool,
                      const std::vector<NodeRecord*>& nodes)
{
    std::int64_t count = 0, viewers = 0, bits = 0, publishers = 0;
    bool hasPublishers = true;
    for (const NodeRecord* record : nodes) {
        if (isWarming(record->node.state))
            continue;
        const NodeLimits limits = limitsOf(model, *record);
        ++count;
        viewers += limits.viewers;
        bits += limits.bitsOutPerSecond;
        publishers += limits.publishers.value_or(0);
        hasPublishers = hasPublishers && limits.publishers;
    }
    const Role* role = group.group.findRole(pool.pool.key.role);
    const NodeImage* image = role ? group.group.findImage(role->imageName) : nullptr;
    const auto described = image ? model.images.find(image->image) : model.images.end();
    NodeLimits limits =
        capacity::plannedLimitsOf(described == model.images.end() ? nullptr : &described->second.record);
    if (count == 0)
        return limits;
    limits.viewers = static_cast<int>(viewers / count);
    limits.bitsOutPerSecond = bits / count;
    limits.publishers = hasPublishers ? std::optional(static_cast<int>(publishers / count)) : std::nullopt;
    return limits;
}

PoolLoad loadOf(const EngineModel& model, const GroupOrder& group, const PoolOrder& pool, PoolNodesBook& book,
                TimePoint now)
{
    const PoolNodesBook::Page& page = book.of(pool.pool.key);
    PoolLoad load;
    for (const auto* nodes : {&page.capacity, &page.draining}) {
        for (const NodeRecord* record : *nodes) {
            load.viewers += record->load.subscribers + record->load.children;
            load.publishers += record->load.publishers;
            load.bits += servedBitsOf(*record);
        }
    }
    load.perNode = meanLimits(model, group, pool, page.capacity);
    if (const PoolDemand* demand = demandOf(model, pool.pool.key, now))
        load.demand = *demand;
    return load;
}

// Of what is asked of the busiest other subgroup, the share that this one gets if that is lost.
std::int64_t shiftedViewers(const EngineModel& model, const GroupOrder& group, const PoolOrder& pool,
                            PoolNodesBook& book, TimePoint now)
{
    const PoolKey& key = pool.pool.key;
    if (!pool.pool.rule.load || pool.pool.rule.load->spare != Spare::Subgroup)
        return 0;
    std::int64_t most = 0;
    std::int64_t others = 0;
    for (const PoolOrder& other : group.pools) {
        if (other.pool.key.role != key.role || other.pool.key == key || other.bounds.max == 0)
            continue;
        ++others;
        most = std::max(most, loadOf(model, group, other, book, now).offeredViewers());
    }
    return others > 0 ? (most + others - 1) / others : 0;
}

}  // namespace

const PoolNodesBook::Page& PoolNodesBook::of(const PoolKey& pool)
{
    if (!m_isCollected) {
        for (auto& [id, record] : m_model.nodes) {
            if (isCapacity(record))
                m_pages[record.node.pool].capacity.push_back(&record);
            else if (isDrainingState(record.node.state) && record.node.health != NodeHealth::Dead)
                m_pages[record.node.pool].draining.push_back(&record);
        }
        m_isCollected = true;
    }
    return m_pages[pool];
}

PoolCounts countsOf(const PoolOrder& order, const std::vector<NodeRecord*>& nodes, TimePoint now)
{
    PoolCounts counts;
    counts.floor = order.wanted;
    counts.ceiling = order.bounds.max;
    counts.leadTime = order.leadTime;
    int standby =
        order.pool.rule.load ? order.pool.rule.load->standby : 0;  // those on their way to it are not asked for
    for (const NodeRecord* record : nodes) {
        if (isWarming(record->node.state)) {
            counts.onTheirWay += standby-- > 0 ? 0 : 1;
            continue;
        }
        ++counts.inService;
        counts.withoutPublishers += record->load.publishers == 0 ? 1 : 0;
        counts.unheard += autoscaler::isFresh(*record, now) ? 0 : 1;
    }
    return counts;
}

LoadSight loadSightOf(const EngineModel& model, const GroupOrder& group, const PoolOrder& pool, PoolNodesBook& book,
                      TimePoint now)
{
    const PoolNodesBook::Page& page = book.of(pool.pool.key);
    const PoolLoad load = loadOf(model, group, pool, book, now);
    const std::int64_t shifted = shiftedViewers(model, group, pool, book, now);
    const std::int64_t notThere = load.offeredViewers() - load.viewers;
    LoadSight sight;
    static_cast<PoolCounts&>(sight) = countsOf(pool, page.capacity, now);
    sight.there = load.viewers;
    sight.promised = load.demand.promisedViewers;
    sight.waiting = load.demand.waitingViewers;
    sight.joined = load.demand.joined;
    sight.loads.push_back({"viewers", load.offeredViewers(), std::max(load.perNode.viewers, 1), 1, shifted});
    const std::int64_t each = load.bitsPerViewer();
    sight.loads.push_back({"bits/s", load.bits + notThere * each,
                           std::max<std::int64_t>(load.perNode.bitsOutPerSecond, 1), each, shifted * each});
    if (load.perNode.publishers)
        sight.loads.push_back({"publishers",
                               load.publishers + load.demand.promisedPublishers + load.demand.waitingPublishers,
                               std::max(*load.perNode.publishers, 1), 0, 0});
    return sight;
}

}  // namespace headgate
