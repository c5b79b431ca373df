#include "ui/models/window_changes.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr seconds shortest{1};

OccurrenceChange& changeOf(Schedule& schedule, LocalTime occurrence)
{
    const auto known = std::ranges::find(schedule.changes, occurrence, &OccurrenceChange::occurrence);
    if (known != schedule.changes.end())
        return *known;
    schedule.changes.push_back({occurrence, {}, {}, {}});
    return schedule.changes.back();
}

}  // namespace

bool hasWindowsOfItsOwn(const PlanItem& item)
{
    const auto* schedule = std::get_if<Schedule>(&item);
    return schedule && std::holds_alternative<CalendarTiming>(schedule->timing);
}

std::optional<ItemWindow> windowAt(const CompiledPlans& plans, const PlanItem& item, Instant start)
{
    if (const auto* overlay = std::get_if<Overlay>(&item))
        return overlay->from == start ? std::optional(ItemWindow{overlay->from, overlay->to, {}, false}) : std::nullopt;
    const auto* schedule = std::get_if<Schedule>(&item);
    const auto plan = schedule ? plans.groups.find(schedule->scope.nodeGroup) : plans.groups.end();
    if (plan == plans.groups.end())
        return std::nullopt;
    for (const ScheduleWindow& each : plan->second.windows(start, start + seconds(1))) {
        const Window& window = each.window;
        if (plan->second.sources()[static_cast<std::size_t>(each.source)].id == schedule->id && window.start == start &&
            window.end > start)
            return ItemWindow{window.start, window.end,
                              hasWindowsOfItsOwn(item) ? std::optional(window.occurrence) : std::nullopt, false};
    }
    return std::nullopt;
}

Schedule withoutWindow(Schedule schedule, LocalTime occurrence)
{
    std::erase_if(schedule.changes, [&](const OccurrenceChange& each) { return each.occurrence == occurrence; });
    std::vector<LocalTime>& removed = std::get<CalendarTiming>(schedule.timing).removedStarts;
    removed.insert(std::ranges::lower_bound(removed, occurrence), occurrence);
    return schedule;
}

PlanItem endedAt(PlanItem item, const ItemWindow& window, Instant at)
{
    const Instant end = std::max(at, window.start + shortest);
    if (auto* overlay = std::get_if<Overlay>(&item))
        overlay->to = end;
    else
        changeOf(std::get<Schedule>(item), *window.occurrence).end = ExactEnd{end - window.start};
    return item;
}

}  // namespace headgate
