#include "core/plan/capacity_plan.h"
#include "core/plan/plan_rules.h"

#include <algorithm>
#include <functional>

namespace headgate {
namespace {

// One number for both parts of a scope; a place further down the tree is more exact than any role.
int exactness(int depth, bool namesRole)
{
    return 2 * depth + (namesRole ? 1 : 0);
}

struct LeafPath
{
    const Subgroup* leaf;
    std::vector<std::string> names;  // from the top to the leaf
};

void collectLeaves(const std::vector<Subgroup>& subgroups, const std::vector<std::string>& above,
                   std::vector<LeafPath>& leaves)
{
    for (const Subgroup& subgroup : subgroups) {
        std::vector<std::string> names = above;
        names.push_back(subgroup.name);
        if (subgroup.isLeaf())
            leaves.push_back({&subgroup, names});
        else
            collectLeaves(subgroup.children, names, leaves);
    }
}

constexpr int mostNodes = 1024;

}  // namespace

class PlanCompiler
{
public:
    PlanCompiler(const PlanDocument& document, NodeGroupName group, const ZoneLoader& zones, const PlanOptions& options)
        : m_document(document), m_group(std::move(group)), m_zones(zones)
    {
        m_plan.m_options = options;
    }

    CapacityPlan compile()
    {
        m_plan.m_sources.push_back({SourceKind::Outside, "", "outside of all schedules", schedulePriority});
        collectConfigurations();
        for (const Schedule& schedule : m_document.schedules) {
            if (schedule.scope.nodeGroup == m_group && schedule.isEnabled)
                addSchedule(schedule);
        }
        addOverlays();
        for (const PlanLimit& limit : m_document.limits) {
            if (limit.scope.nodeGroup == m_group)
                addLimit(limit);
        }
        collectCells();
        for (const NodeGroup* configuration : m_configurations)
            m_plan.m_grounds.push_back(configuration ? groundsOf(*configuration) : groundsOfScopes());
        for (std::size_t i = 0; i < m_plan.m_grounds.size(); ++i)
            finish(m_plan.m_grounds[i], static_cast<int>(i) + 1);
        return std::move(m_plan);
    }

private:
    ZoneRules zone(const std::string& name) const { return m_zones(name).value(); }

    int addSource(PlanSource source)
    {
        m_plan.m_sources.push_back(std::move(source));
        return static_cast<int>(m_plan.m_sources.size()) - 1;
    }

    int scopeIndex(const PlanScope& scope, bool isForViewers = false)
    {
        const ScopeKey key{scope.subgroup, scope.role, isForViewers && scope.role.empty()};
        const auto index = std::ranges::find(m_scopes, key) - m_scopes.begin();
        if (index == std::ssize(m_scopes))
            m_scopes.push_back(key);
        return static_cast<int>(index);
    }

    // Their sources come right after the first one, so that configuration i has source i + 1.
    void collectConfigurations()
    {
        const auto base = std::ranges::find(m_document.nodeGroups, m_group, &NodeGroup::name);
        m_configurations = {base == m_document.nodeGroups.end() ? nullptr : &*base};
        m_plan.m_configurationNames = {m_group.value};
        for (const ConfigurationOverlay& overlay : m_document.configurations) {
            if (overlay.base != m_group)
                continue;
            const int index = static_cast<int>(m_configurations.size());
            m_configurations.push_back(&overlay.configuration);
            m_plan.m_configurationNames.push_back(overlay.configuration.name.value);
            for (const auto& opening : overlay.openings)
                m_plan.m_openings.push_back(
                    {index, Timetable(opening.timing, zone(opening.timing.zone)), opening.timing.duration});
        }
        for (const std::string& name : m_plan.m_configurationNames)
            addSource({SourceKind::Configuration, name, name, schedulePriority});
    }

    void addSchedule(const Schedule& schedule)
    {
        Timetable table(schedule.timing, zone(std::visit([](const auto& t) { return t.zone; }, schedule.timing)),
                        schedule.changes);
        std::vector<Timetable> events;
        for (const ExclusionSet& set : m_document.exclusions) {
            if (std::ranges::count(schedule.exclusions, set.name) == 0)
                continue;
            for (const ExclusionEvent& event : set.events)
                events.push_back({event.timing, event.timing.zone.empty() ? table.zone() : zone(event.timing.zone)});
        }
        table.exclude(std::move(events));
        Layer layer;
        layer.source = addSource({SourceKind::Schedule, schedule.id, schedule.name, schedulePriority});
        layer.scope = scopeIndex(schedule.scope, std::holds_alternative<ExpectedEffect>(schedule.effect));
        m_scheduleScopes.push_back(layer.scope);
        m_plan.m_schedules.push_back({std::move(table), layer, schedule.effect, schedule.changes});
    }

    void addOverlays()
    {
        m_plan.m_firstOverlaySource = static_cast<int>(m_plan.m_sources.size());
        for (const Overlay& overlay : m_document.overlays) {
            if (overlay.scope.nodeGroup != m_group)
                continue;
            addOverlay(overlay);
            m_plan.m_overlays.push_back(overlay);
        }
        auto& layers = m_plan.m_overlayLayers;
        std::ranges::stable_sort(layers, {}, &Layer::start);
        for (const Layer& layer : layers) {
            const auto& ends = m_plan.m_furthestEnds;
            m_plan.m_furthestEnds.push_back(ends.empty() ? layer.end : std::max(ends.back(), layer.end));
        }
    }

    void addOverlay(const Overlay& overlay)
    {
        const auto* expected = std::get_if<ExpectedEffect>(&overlay.op);
        Layer layer;
        layer.start = overlay.from;
        layer.end = overlay.to;
        layer.priority = overlay.priority;
        layer.source = addSource({SourceKind::Overlay, overlay.id, overlay.name, overlay.priority});
        layer.scope = scopeIndex(overlay.scope, expected != nullptr);
        if (expected) {
            layer.step = LayerStep::Floor;
            m_plan.addLayers(m_plan.m_overlayLayers, layer, *expected);
            return;
        }
        if (const auto* bounds = std::get_if<ReplaceBounds>(&overlay.op))
            set(layer, LayerStep::Replace, bounds->min, bounds->max);
        else if (const auto* active = std::get_if<Activate>(&overlay.op))
            set(layer, LayerStep::Replace, active->min.value_or(-1), active->max.value_or(-1));
        else if (const auto* shift = std::get_if<ShiftBounds>(&overlay.op))
            set(layer, LayerStep::Shift, shift->nodes, shift->percent);
        else if (const auto* floor = std::get_if<FloorBounds>(&overlay.op))
            set(layer, LayerStep::Floor, floor->nodes, 0);
        else if (const auto* ceil = std::get_if<CeilBounds>(&overlay.op))
            set(layer, LayerStep::Ceil, ceil->nodes, 0);
        else
            layer.step = LayerStep::Deactivate;
        if (const auto* off = std::get_if<Deactivate>(&overlay.op); off && off->isHard)
            m_plan.m_hardSources.push_back(layer.source);
        m_plan.m_overlayLayers.push_back(layer);
    }

    static void set(Layer& layer, LayerStep step, int low, int high)
    {
        layer.step = step;
        layer.low = low;
        layer.high = high;
    }

    void addLimit(const PlanLimit& limit)
    {
        Layer layer;
        layer.start = Instant::min();
        layer.end = Instant::max();
        layer.priority = limitPriority;
        layer.source = addSource({SourceKind::Limit, limit.name, limit.name, limitPriority});
        layer.scope = scopeIndex(limit.scope);
        set(layer, LayerStep::Ceil, limit.nodes, 0);
        m_plan.m_limits.push_back(layer);
    }

    void collectCells()
    {
        auto& cells = m_plan.m_cells;
        for (const NodeGroup* configuration : m_configurations) {
            if (!configuration)
                continue;
            for (const Pool& pool : poolsOf(*configuration))
                cells.push_back({pool.key.subgroup, pool.key.role});
        }
        if (!m_configurations.front()) {
            for (const ScopeKey& scope : m_scopes)
                cells.push_back({scope.subgroup, scope.role});
        }
        std::ranges::sort(cells);
        cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
    }

    std::vector<CellGround> groundsOf(const NodeGroup& configuration) const
    {
        std::vector<LeafPath> leaves;
        collectLeaves(configuration.subgroups, {}, leaves);
        std::vector<CellGround> grounds;
        for (const PlanCell& cell : m_plan.m_cells) {
            CellGround ground;
            const auto path = std::ranges::find(leaves, cell.subgroup, [](const LeafPath& p) { return p.leaf->name; });
            const Role* role = configuration.findRole(cell.role);
            if (path != leaves.end()) {
                const auto rule = std::ranges::find(path->leaf->rules, cell.role, &ScaleRule::roleName);
                ground.isThere = rule != path->leaf->rules.end();
                ground.min = ground.isThere ? rule->min : 0;
                ground.max = ground.isThere ? rule->max : 0;
            }
            for (const ScopeKey& scope : m_scopes)
                ground.rank.push_back(ground.isThere ? rank(scope, cell, path->names, role) : -1);
            grounds.push_back(std::move(ground));
        }
        return grounds;
    }

    // A group that is not known by more than its name: each scope is a cell.
    std::vector<CellGround> groundsOfScopes() const
    {
        std::vector<CellGround> grounds;
        for (const PlanCell& cell : m_plan.m_cells) {
            CellGround ground{true, 0, mostNodes, 0, {}, -1};
            std::vector<std::string> path;
            if (!cell.subgroup.empty())
                path.push_back(cell.subgroup);
            for (const ScopeKey& scope : m_scopes)
                ground.rank.push_back(rank(scope, cell, path, nullptr));
            grounds.push_back(std::move(ground));
        }
        return grounds;
    }

    void finish(std::vector<CellGround>& grounds, int source) const
    {
        for (CellGround& ground : grounds) {
            ground.source = source;
            for (int scope : m_scheduleScopes)
                ground.scheduleRank = std::max(ground.scheduleRank, ground.rank[static_cast<std::size_t>(scope)]);
        }
    }

    struct ScopeKey
    {
        std::string subgroup;
        std::string role;
        bool isForViewers;

        bool operator==(const ScopeKey&) const = default;
    };

    static int rank(const ScopeKey& scope, const PlanCell& cell, const std::vector<std::string>& path, const Role* role)
    {
        if (!scope.role.empty() && scope.role != cell.role)
            return -1;
        if (scope.isForViewers && role && !role->can(Capability::Subscribe))
            return -1;
        if (scope.subgroup.empty())
            return exactness(0, !scope.role.empty());
        const auto place = std::ranges::find(path, scope.subgroup);
        if (place == path.end())
            return -1;
        return exactness(static_cast<int>(place - path.begin()) + 1, !scope.role.empty());
    }

    const PlanDocument& m_document;
    NodeGroupName m_group;
    const ZoneLoader& m_zones;
    CapacityPlan m_plan;
    std::vector<const NodeGroup*> m_configurations;  // null: the base is not known
    std::vector<ScopeKey> m_scopes;
    std::vector<int> m_scheduleScopes;
};

Result<CapacityPlan> CapacityPlan::compile(const PlanDocument& document, const NodeGroupName& group,
                                           const ZoneLoader& zones, const PlanOptions& options)
{
    // A zone that is found to be there must be there in the end.
    const ZoneLoader known = askedOnce(zones);
    if (auto errors = validate(document, known); !errors.empty())
        return tl::unexpected(std::move(errors.front()));
    if (std::ranges::count(groupsOf(document), group) == 0)
        return fail(ErrorCode::NotFound, "There is no node group " + group.value + " in the document.");
    return PlanCompiler(document, group, known, options).compile();
}

}  // namespace headgate
