#include "core/engine/plan_book.h"

#include "core/base/check.h"
#include "core/engine/capacity.h"
#include "core/engine/plan_draft.h"
#include "core/wire/plan_codec.h"

#include <algorithm>
#include <set>

namespace headgate::plan_book {

namespace {

Instant instantOf(TimePoint t)
{
    return std::chrono::floor<seconds>(t);
}

// In the order of the document's.
std::vector<const ConfigurationOverlay*> configurationsOf(const EngineModel& model, const NodeGroupName& group)
{
    std::vector<const ConfigurationOverlay*> configurations;
    for (auto it = model.planItems.lower_bound({PlanItemKind::Configuration, {}});
         it != model.planItems.end() && it->first.kind == PlanItemKind::Configuration; ++it) {
        const auto& overlay = std::get<ConfigurationOverlay>(it->second.item);
        if (overlay.base == group)
            configurations.push_back(&overlay);
    }
    return configurations;
}

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
NodeGroup groupInForce(const NodeGroup& base, const std::vector<const ConfigurationOverlay*>& configurations,
                       const ConfigurationOverlay* held)
{
    if (configurations.empty())
        return base;
    NodeGroup group = held ? asBase(held->configuration, base) : base;
    addMissing(group.roles, base.roles);
    addMissing(group.images, base.images);
    for (const ConfigurationOverlay* other : configurations) {
        addMissing(group.roles, other->configuration.roles);
        addMissing(group.images, other->configuration.images);
    }
    return group;
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
          m_now(instantOf(now)),
          m_configurations(configurationsOf(model, base.name)),
          m_followed(m_configurations)
    {
        std::erase_if(m_followed, [&](const ConfigurationOverlay* each) {
            const PlanItemKey key{PlanItemKind::Configuration, each->configuration.name.value};
            return std::ranges::count(followed.unfit, key, &UnfitItem::key) > 0;
        });
    }

    GroupOrder build()
    {
        const int index = m_plan.configurationAt(m_now);
        const auto* held = index == 0 ? nullptr : m_followed[static_cast<std::size_t>(index) - 1];
        m_order.group = groupInForce(m_base, m_configurations, held);
        if (held)
            m_order.configuration = held->configuration.name.value;
        for (Pool& pool : poolsOf(m_order.group))
            m_order.pools.push_back(orderOf(std::move(pool)));
        addPoolsAhead();
        followPlan();
        findChanges();
        followDeployment();
        return std::move(m_order);
    }

private:
    PoolOrder orderOf(Pool pool) const
    {
        PoolOrder order;
        order.leadTime = leadTime(m_model, m_order.group, pool.key.role);
        order.pool = std::move(pool);
        return order;
    }

    // Pools that only another configuration has; they stay if nodes are to be made ready for it.
    void addPoolsAhead()
    {
        if (m_followed.empty())
            return;
        const auto add = [&](const NodeGroup& group) {
            for (Pool& pool : poolsOf(group)) {
                if (std::ranges::count(m_order.pools, pool.key, [](const PoolOrder& o) { return o.pool.key; }) == 0)
                    m_order.pools.push_back(orderOf(std::move(pool)));
            }
        };
        const std::size_t own = m_order.pools.size();
        add(m_base);
        for (const ConfigurationOverlay* other : m_followed)
            add(asBase(other->configuration, m_base));
        m_isAhead.assign(m_order.pools.size(), false);
        std::fill(m_isAhead.begin() + static_cast<std::ptrdiff_t>(own), m_isAhead.end(), true);
    }

    void followPlan()
    {
        const std::vector<CellPlan> cells = m_plan.at(m_now);
        std::vector<PoolOrder> kept;
        for (std::size_t i = 0; i < m_order.pools.size(); ++i) {
            PoolOrder& order = m_order.pools[i];
            const PlanCell wanted{order.pool.key.subgroup, order.pool.key.role};
            const auto place = std::ranges::find(m_plan.cells(), wanted);
            HG_CHECK(place != m_plan.cells().end());
            const auto cell = static_cast<std::size_t>(place - m_plan.cells().begin());
            order.bounds = cells[cell].bounds;
            order.wanted = m_plan.floorAhead(cell, m_now, std::chrono::ceil<seconds>(order.leadTime));
            for (const int source : cells[cell].notes.reasons)
                order.reasons.push_back(textOf(m_plan.sources()[static_cast<std::size_t>(source)], m_base.name));
            const bool isAhead = !m_isAhead.empty() && m_isAhead[i];
            if (!isAhead || order.wanted > 0)
                kept.push_back(std::move(order));
        }
        m_order.pools = std::move(kept);
        std::ranges::sort(m_order.pools, {}, [](const PoolOrder& o) { return o.pool.key; });
    }

    // What is wanted changes with the plan, and where a change comes near enough to be prepared for.
    void findChanges()
    {
        if (const auto next = m_plan.nextChangeAfter(m_now)) {
            consider(*next);
            if (m_plan.at(*next) != m_plan.at(m_now))
                m_order.nextChange = *next;
        }
        std::set<seconds> leads;
        for (const PoolOrder& order : m_order.pools)
            leads.insert(std::chrono::ceil<seconds>(order.leadTime));
        for (const seconds lead : leads) {
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
            order.reasons.push_back("deployment " + m_order.stoppedBy + ", which is stopped");
        }
    }

    const EngineModel& m_model;
    const NodeGroup& m_base;
    const CapacityPlan& m_plan;
    TimePoint m_time;
    Instant m_now;
    std::vector<const ConfigurationOverlay*> m_configurations;
    std::vector<const ConfigurationOverlay*> m_followed;  // of them, in the order of the plan
    std::vector<bool> m_isAhead;                          // by pool: only another configuration has it
    GroupOrder m_order;
};

PlanOptions optionsOf(const EngineModel& model, const NodeGroup& group)
{
    return {capacity::viewersPerNode(group, [&](const std::string& image) {
        const auto known = model.images.find(image);
        return known != model.images.end() ? &known->second.record : nullptr;
    })};
}

bool isGood(const PlanPage& page, TimePoint now)
{
    const auto& until = page.order.goodUntil;
    return page.isOrdered && now >= page.orderedAt && (!until || now < *until);
}

}  // namespace

PlanDocument documentOf(const EngineModel& model, const NodeGroup& group)
{
    PlanDocument document;
    document.nodeGroups = {group};
    for (const auto& [key, stored] : model.planItems) {
        const auto groups = groupsOf(stored.item);
        if (groups.empty() || std::ranges::count(groups, group.name) > 0)
            add(document, stored.item);
    }
    return document;
}

FollowedPlan follow(const EngineModel& model, PlanDocument document)
{
    const NodeGroup group = document.nodeGroups.front();
    const ZoneLoader zones = zonesOf(model);
    FollowedPlan followed;
    auto compiled = CapacityPlan::compile(document, group.name, zones, optionsOf(model, group));
    if (!compiled) {
        followed.unfit = takeOutUnfit(document, zones);
        compiled = CapacityPlan::compile(document, group.name, zones, optionsOf(model, group));
    }
    HG_CHECK(compiled.has_value());
    followed.plan = std::make_shared<const CapacityPlan>(std::move(*compiled));
    return followed;
}

std::string sentenceOf(const UnfitItem& item)
{
    return "The " + std::string(native::toWord(item.key.kind)) + " \"" + item.key.id +
           "\" is not followed: " + item.why;
}

void refresh(EngineModel& model, TimePoint now)
{
    for (const auto& [name, stored] : model.groups) {
        PlanPage& page = model.planBook[name];
        if (!page.isCompiled) {
            page.followed = follow(model, documentOf(model, stored.group));
            page.isCompiled = true;
            page.isOrdered = false;
            page.areEdgesKnown = false;
        }
        if (isGood(page, now))
            continue;
        GroupOrder order = OrderBuilder(model, stored.group, page.followed, now).build();
        // Who may pull from whom goes by the roles.
        model.isTopologyChanged = model.isTopologyChanged || order.group != page.order.group;
        page.order = std::move(order);
        page.orderedAt = now;
        page.isOrdered = true;
        model.isDirty = true;
    }
}

GroupOrder orderFor(const EngineModel& model, const NodeGroup& group, TimePoint now)
{
    return OrderBuilder(model, group, follow(model, documentOf(model, group)), now).build();
}

const GroupOrder* find(const EngineModel& model, const NodeGroupName& group)
{
    const auto page = model.planBook.find(group);
    return page != model.planBook.end() && page->second.isOrdered ? &page->second.order : nullptr;
}

void forget(EngineModel& model, const Transaction& transaction)
{
    std::set<NodeGroupName> changed;
    bool isForAll = false;
    const auto note = [&](const PlanItem& item) {
        const auto groups = groupsOf(item);
        changed.insert(groups.begin(), groups.end());
        isForAll = isForAll || groups.empty();
    };
    const auto noteStored = [&](const PlanItemKey& key) {
        if (const auto it = model.planItems.find(key); it != model.planItems.end())
            note(it->second.item);
    };
    for (const PlanItemKey& key : transaction.removedPlanItems)
        noteStored(key);
    for (const StoredPlanItem& stored : transaction.putPlanItems) {
        noteStored(keyOf(stored.item));
        note(stored.item);
    }
    for (const StoredNodeGroup& stored : transaction.putNodeGroups)
        changed.insert(stored.group.name);
    for (const NodeGroupName& name : transaction.removedNodeGroups)
        model.planBook.erase(name);
    isForAll = isForAll || !transaction.putNodeImages.empty() || !transaction.removedNodeImages.empty();
    for (auto& [name, page] : model.planBook) {
        if (isForAll || changed.contains(name))
            page.isCompiled = false;
    }
    if (!transaction.putDeployments.empty() || !transaction.removedDeployments.empty())
        forgetOrders(model);
}

void forgetOrders(EngineModel& model)
{
    for (auto& [name, page] : model.planBook)
        page.isOrdered = false;
    model.isDirty = true;
}

std::optional<TimePoint> deadline(const EngineModel& model)
{
    std::optional<TimePoint> earliest;
    const auto consider = [&](std::optional<TimePoint> candidate) {
        if (candidate && (!earliest || *candidate < *earliest))
            earliest = candidate;
    };
    for (const auto& [name, page] : model.planBook) {
        if (model.lastInput < page.orderedAt)
            consider(model.lastInput);
        consider(page.order.goodUntil);
        consider(page.nextEdge);
    }
    return earliest;
}

Duration leadTime(const EngineModel& model, const NodeGroup& group, const std::string& roleName)
{
    constexpr Duration local{5'000};
    constexpr Duration elsewhere{120'000};
    const auto& map = model.options.platformMap;
    const auto target = map.find(group.cloudPlatform);
    const bool isLocal = (target == map.end() ? group.cloudPlatform : target->second) == "LOCAL";
    const Role* role = group.findRole(roleName);
    const NodeImage* image = role ? group.findImage(role->imageName) : nullptr;
    return model.leadTimes.of({group.cloudPlatform, image ? image->image : std::string()}, isLocal ? local : elsewhere);
}

Duration launchTimeout(const EngineModel& model, const NodeGroup& group, const std::string& roleName)
{
    constexpr Duration shortest{60'000};
    return std::max(shortest, 3 * leadTime(model, group, roleName));
}

}  // namespace headgate::plan_book
