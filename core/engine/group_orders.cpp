#include "core/base/check.h"
#include "core/engine/model.h"
#include "core/engine/plan_book.h"

#include <algorithm>
#include <set>

namespace headgate::plan_book {

namespace {

template <typename Named>
void addMissing(std::vector<Named>& here, const std::vector<Named>& there)
{
    for (const Named& each : there) {
        if (std::ranges::count(here, each.name, &Named::name) == 0)
            here.push_back(each);
    }
    std::ranges::sort(here, {}, &Named::name);
}

NodeGroup asBase(NodeGroup group, const NodeGroup& base)
{
    group.name = base.name;
    group.isScalingPaused = base.isScalingPaused;
    return group;
}

// `held` is the one that holds, null for the group's own.
NodeGroup groupInForce(const NodeGroup& base, const std::vector<ConfigurationOverlay>& configurations,
                       const ConfigurationOverlay* held)
{
    if (configurations.empty())
        return base;
    NodeGroup group = held ? asBase(held->configuration, base) : base;
    addMissing(group.roles, base.roles);
    addMissing(group.images, base.images);
    for (const ConfigurationOverlay& other : configurations) {
        addMissing(group.roles, other.configuration.roles);
        addMissing(group.images, other.configuration.images);
    }
    return group;
}

bool hasPool(const NodeGroup& group, const PoolKey& key)
{
    return std::ranges::any_of(poolsOf(group), [&](const Pool& pool) { return pool.key == key; });
}

// Whether nodes of the role are started from the same image with the same capabilities.
bool isSameNode(const NodeGroup& a, const NodeGroup& b, const std::string& roleName)
{
    const Role *roleA = a.findRole(roleName), *roleB = b.findRole(roleName);
    const NodeImage* imageA = roleA ? a.findImage(roleA->imageName) : nullptr;
    const NodeImage* imageB = roleB ? b.findImage(roleB->imageName) : nullptr;
    return imageA && imageB && imageA->image == imageB->image && roleA->capabilities == roleB->capabilities;
}

std::string textOf(const PlanSource& source, const NodeGroupName& group)
{
    const std::string& name = source.name.empty() ? source.id : source.name;
    switch (source.kind) {
    case SourceKind::Outside:
        return "outside of its schedules";
    case SourceKind::Configuration:
        return source.name == group.value ? "its own rule" : "configuration " + name;
    case SourceKind::Schedule:
        return "schedule " + name;
    case SourceKind::Overlay:
        return "overlay " + name + ", priority " + std::to_string(source.priority);
    case SourceKind::Limit:
        return "limit " + name;
    }
    unreachable();
}

// Works out one order.
class OrderBuilder
{
public:
    OrderBuilder(const EngineModel& model, const NodeGroup& base, const FollowedPlan& followed, TimePoint now)
        : m_model(model),
          m_base(base),
          m_plan(*followed.plan),
          m_time(now),
          m_now(std::chrono::floor<seconds>(now)),
          m_configurations(followed.configurations)
    {
        for (const ConfigurationOverlay& each : m_configurations) {
            const PlanItemKey key{PlanItemKind::Configuration, each.configuration.name.value};
            if (std::ranges::count(followed.unfit, key, &UnfitItem::key) == 0)
                m_followed.push_back(&each);
        }
    }

    GroupOrder build()
    {
        const auto* held = followedAt(m_plan.configurationAt(m_now));
        m_order.group = groupInForce(m_base, m_configurations, held);
        if (held)
            m_order.configuration = held->configuration.name.value;
        for (Pool& pool : poolsOf(m_order.group))
            m_order.pools.push_back(orderOf(std::move(pool)));
        findConfigurationAhead();
        addPoolsAhead();
        followPlan();
        findChanges();
        followDeployment();
        return std::move(m_order);
    }

private:
    // Null for the group's own.
    const ConfigurationOverlay* followedAt(int index) const
    {
        return index == 0 ? nullptr : m_followed[static_cast<std::size_t>(index) - 1];
    }

    PoolOrder orderOf(Pool pool) const
    {
        PoolOrder order;
        order.leadTime = leadTime(m_model, m_order.group, pool.key.role);
        order.orderedAhead = orderedAhead(m_model, m_order.group, pool.key.role);
        order.pool = std::move(pool);
        return order;
    }

    // Of nodes of all configurations.
    std::set<seconds> leads() const
    {
        std::set<seconds> leads;
        const auto add = [&](const NodeGroup& group) {
            for (const Role& role : group.roles)
                leads.insert(orderedAhead(m_model, group, role.name));
        };
        add(m_base);
        for (const ConfigurationOverlay* each : m_followed)
            add(asBase(each->configuration, m_base));
        return leads;
    }

    void findConfigurationAhead()
    {
        const auto all = m_followed.empty() ? std::set<seconds>() : leads();
        if (all.empty())
            return;
        const auto spans = m_plan.configurationsBetween(m_now, m_now + *all.rbegin() + seconds(1));
        const auto isOther = [&](const auto& from) {
            return [&](const auto& span) { return span.configuration != from.configuration; };
        };
        const auto next = std::ranges::find_if(spans, isOther(spans.front()));
        if (next == spans.end())
            return;
        const auto over = std::find_if(next, spans.end(), isOther(*next));
        m_aheadEnd = over != spans.end() ? over->start : Instant::max();
        const auto* overlay = followedAt(next->configuration);
        m_order.ahead = ConfigurationAhead{overlay ? asBase(overlay->configuration, m_base) : m_base,
                                           overlay ? overlay->configuration.name.value : std::string(),
                                           next->start,
                                           {}};
    }

    // Pools that only the next configuration has; they stay if nodes are to be made ready for it.
    void addPoolsAhead()
    {
        if (!m_order.ahead)
            return;
        for (Pool& pool : poolsOf(m_order.ahead->group)) {
            if (std::ranges::count(m_order.pools, pool.key, [](const PoolOrder& o) { return o.pool.key; }) > 0)
                continue;
            m_order.ahead->newPools.insert(pool.key);
            m_order.pools.push_back(orderOf(std::move(pool)));
        }
    }

    void followPlan()
    {
        const std::vector<CellPlan> cells = m_plan.at(m_now);
        std::vector<PoolOrder> kept;
        for (PoolOrder& order : m_order.pools) {
            const PlanCell wanted{order.pool.key.subgroup, order.pool.key.role};
            const auto place = std::ranges::find(m_plan.cells(), wanted);
            HG_CHECK(place != m_plan.cells().end());
            const auto cell = static_cast<std::size_t>(place - m_plan.cells().begin());
            order.bounds = cells[cell].bounds;
            findWanted(order, cell);
            for (const int source : cells[cell].notes.reasons)
                order.reasons.push_back(textOf(m_plan.sources()[static_cast<std::size_t>(source)], m_base.name));
            const bool isNew = m_order.ahead && m_order.ahead->newPools.contains(order.pool.key);
            if (!isNew || order.ahead > 0)
                kept.push_back(std::move(order));
        }
        m_order.pools = std::move(kept);
        std::ranges::sort(m_order.pools, {}, [](const PoolOrder& o) { return o.pool.key; });
    }

    void findWanted(PoolOrder& order, std::size_t cell) const
    {
        const auto& next = m_order.ahead;
        const std::string& role = order.pool.key.role;
        const bool isSwapped =
            next && hasPool(next->group, order.pool.key) &&
            (next->newPools.contains(order.pool.key) || !isSameNode(m_order.group, next->group, role));
        if (!isSwapped) {
            order.wanted = m_plan.floorAhead(cell, m_now, order.orderedAhead);
            return;
        }
        constexpr seconds aMoment{1};
        order.wanted = m_plan.floorAhead(cell, m_now, std::min(order.orderedAhead, next->start - m_now - aMoment));
        const Instant ready = m_now + orderedAhead(m_model, next->group, role);
        if (ready >= next->start)
            order.ahead = m_plan.floorAhead(cell, next->start, std::min(ready, m_aheadEnd - aMoment) - next->start);
    }

    // What is wanted changes with the plan, and where a change comes near enough to be prepared for.
    void findChanges()
    {
        if (const auto next = m_plan.nextChangeAfter(m_now)) {
            consider(*next);
            if (m_plan.at(*next) != m_plan.at(m_now))
                m_order.nextChange = *next;
        }
        for (const seconds lead : leads()) {
            if (const auto next = m_plan.nextChangeAfter(m_now + lead))
                consider(*next - lead);
        }
    }

    void consider(Instant t)
    {
        if (!m_order.goodUntil || t < *m_order.goodUntil)
            m_order.goodUntil = t;
    }

    void followDeployment()
    {
        for (const auto& [name, stored] : m_model.deployments) {
            if (!std::ranges::binary_search(stored.deployment.nodeGroups, m_base.name))
                continue;
            // Ahead of a clock that was set back it would make every new node an old one.
            if (stored.restartedAt <= m_time)
                m_order.restartedAt = stored.restartedAt;
            else
                consider(std::chrono::ceil<seconds>(stored.restartedAt));
            if (stored.power == DeploymentPower::Stopped)
                m_order.stoppedBy = name;
        }
        if (m_order.stoppedBy.empty())
            return;
        for (PoolOrder& order : m_order.pools) {
            order.bounds = {};
            order.wanted = 0;
            order.ahead = 0;
            order.reasons.push_back("deployment " + m_order.stoppedBy + ", which is stopped");
        }
    }

    const EngineModel& m_model;
    const NodeGroup& m_base;
    const CapacityPlan& m_plan;
    TimePoint m_time;
    Instant m_now;
    const std::vector<ConfigurationOverlay>& m_configurations;
    std::vector<const ConfigurationOverlay*> m_followed;  // of them, in the order of the plan
    Instant m_aheadEnd;                                   // of the next configuration
    GroupOrder m_order;
};

}  // namespace

GroupOrder orderOf(const EngineModel& model, const NodeGroup& group, const FollowedPlan& followed, TimePoint now)
{
    return OrderBuilder(model, group, followed, now).build();
}

}  // namespace headgate::plan_book
