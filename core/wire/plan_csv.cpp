#include "core/plan/capacity_plan.h"
#include "core/plan/plan_text.h"
#include "core/plan/window_count.h"
#include "core/wire/plan_effects.h"
#include "core/wire/plan_export.h"

#include <algorithm>
#include <map>

namespace headgate {
namespace {

constexpr std::size_t mostRows = 100'000;

struct WindowRow
{
    Instant start, end;
    std::string kind, id, name;
    PlanScope scope;
    const ZoneRules* zone;
    std::string effect;
    std::string priority;
};

// RFC 4180.
std::string lineOf(const std::vector<std::string>& fields)
{
    std::string line;
    for (const std::string& field : fields) {
        line += &field == &fields.front() ? "" : ",";
        if (field.find_first_of("\",\r\n") == std::string::npos) {
            line += field;
            continue;
        }
        line += '"';
        for (const char c : field)
            line.append(c == '"' ? 2 : 1, c);
        line += '"';
    }
    return line + "\r\n";
}

class WindowTable
{
public:
    WindowTable(const PlanDocument& document, const ExportOptions& options) : m_document(document), m_options(options)
    {}

    Result<std::string> text()
    {
        for (const NodeGroupName& group : groupsOf(m_document)) {
            // Only its windows are asked for, whatever a node carries.
            const auto plan = CapacityPlan::compile(m_document, group, m_options.zones, {});
            const auto room = plan ? checkRoom([&](Instant from, Instant to) { return plan->windows(from, to); })
                                   : tl::unexpected(plan.error());
            if (!room)
                return tl::unexpected(room.error());
            addSchedules(*plan);
        }
        if (auto added = addOpenings(); !added)
            return tl::unexpected(std::move(added.error()));
        for (const Overlay& overlay : m_document.overlays) {
            if (overlay.from < m_options.to && overlay.to > m_options.from)
                m_rows.push_back({overlay.from, overlay.to, "overlay", overlay.id, overlay.name, overlay.scope,
                                  zone(overlay.displayZone), effectText(overlay.op), std::to_string(overlay.priority)});
        }
        std::ranges::stable_sort(m_rows, {}, &WindowRow::start);
        std::string all = lineOf({"kind", "id", "name", "nodeGroup", "subgroup", "role", "startUtc", "endUtc",
                                  "startLocal", "endLocal", "zone", "effect", "priority"});
        for (const WindowRow& row : m_rows)
            all += lineOf({row.kind, row.id, row.name, row.scope.nodeGroup.value, row.scope.subgroup, row.scope.role,
                           toText(row.start, {}), toText(row.end, {}), toText(row.zone->toLocal(row.start)),
                           toText(row.zone->toLocal(row.end)), row.zone->name(), row.effect, row.priority});
        return all;
    }

private:
    const ZoneRules* zone(const std::string& name)
    {
        auto known = m_zones.find(name);
        if (known == m_zones.end())
            known = m_zones.emplace(name, m_options.zones(name).value_or(ZoneRules())).first;
        return &known->second;
    }

    static Instant startOf(const Window& window) { return window.start; }
    static Instant startOf(const ScheduleWindow& each) { return each.window.start; }

    // Before there are too many to be held.
    template <typename WindowsBetween>
    Result<void> checkRoom(const WindowsBetween& windowsBetween) const
    {
        const std::size_t room = mostRows - std::min(mostRows, m_rows.size());
        const auto startsBetween = [&](Instant from, Instant to) {
            std::vector<Instant> starts;
            for (const auto& window : windowsBetween(from, to))
                starts.push_back(startOf(window));
            return starts;
        };
        if (countWindows(m_options.from, m_options.to, room, startsBetween) <= room)
            return {};
        return fail(ErrorCode::ResourceExhausted,
                    "There are more windows than a table has lines: " + std::to_string(mostRows) + ".",
                    "Ask for a shorter time, with from and to.");
    }

    void addSchedules(const CapacityPlan& plan)
    {
        for (const ScheduleWindow& each : plan.windows(m_options.from, m_options.to)) {
            const std::string& id = plan.sources()[static_cast<std::size_t>(each.source)].id;
            const auto schedule = std::ranges::find(m_document.schedules, id, &Schedule::id);
            if (schedule == m_document.schedules.end() || each.window.fate == DstFate::Dropped)
                continue;
            const auto* change =
                each.window.change < 0 ? nullptr : &schedule->changes[static_cast<std::size_t>(each.window.change)];
            const ScheduleEffect& effect = change && change->effect ? *change->effect : schedule->effect;
            const std::string name = std::visit([](const auto& timing) { return timing.zone; }, schedule->timing);
            m_rows.push_back({each.window.start, each.window.end, "schedule", id, schedule->name, schedule->scope,
                              zone(name), effectText(effect), ""});
        }
    }

    Result<void> addOpenings()
    {
        for (const ConfigurationOverlay& overlay : m_document.configurations) {
            const std::string& name = overlay.configuration.name.value;
            for (const ConfigurationOverlay::Opening& opening : overlay.openings) {
                const ZoneRules* rules = zone(opening.timing.zone);
                const Timetable table(opening.timing, *rules);
                const auto room = checkRoom([&](Instant from, Instant to) { return table.windows(from, to); });
                if (!room)
                    return room;
                for (const Window& window : table.windows(m_options.from, m_options.to))
                    m_rows.push_back({window.start, window.end, "configuration", name, opening.name,
                                      PlanScope{overlay.base, {}, {}}, rules, "configuration " + name, ""});
            }
        }
        return {};
    }

    const PlanDocument& m_document;
    const ExportOptions& m_options;
    std::map<std::string, ZoneRules> m_zones;
    std::vector<WindowRow> m_rows;
};

}  // namespace

Result<PlanExport> csvOf(const PlanDocument& document, const ExportOptions& options)
{
    auto text = WindowTable(document, options).text();
    if (!text)
        return tl::unexpected(std::move(text.error()));
    return PlanExport{std::move(*text), {}};
}

}  // namespace headgate
