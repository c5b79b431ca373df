#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/zone_rules.h"

#include <vector>

namespace headgate {

// What a change of the clocks did to a window.
enum class DstFate
{
    None,
    Moved,   // its start or end was removed or came twice
    Dropped  // its start was removed and the policy is Skip; the window is empty
};

struct Window
{
    Instant start;
    Instant end;           // excluded
    LocalTime occurrence;  // the start as written
    int change = -1;       // index of the OccurrenceChange that made it, -1 for none
    DstFate fate = DstFate::None;
};

// The windows of one timing in one zone. Works out only what is asked for, at any distance from its start.
class Timetable
{
public:
    // `timing` is valid.
    Timetable(Timing timing, ZoneRules zone, std::vector<OccurrenceChange> changes = {});

    // Windows at whose start an event is going on do not take place.
    void exclude(std::vector<Timetable> events) { m_exclusions = std::move(events); }

    // Those that meet [from, to), in the order of their start; dropped ones too, when their time would have been there.
    // The windows of a cron expression are joined where they touch, and have a fate if they begin after `from`.
    std::vector<Window> windows(Instant from, Instant to) const;

    // When a cron expression comes due at or before (first after) `t`. None for a calendar.
    std::optional<Instant> lastDue(Instant t) const;
    std::optional<Instant> nextDue(Instant t) const;

    const ZoneRules& zone() const { return m_zone; }

    // How far windows() goes at once through windows that touch.
    seconds stride() const;

private:
    std::vector<LocalTime> starts(LocalDay from, LocalDay to) const;
    std::vector<LocalTime> countedStarts(const CalendarTiming& timing) const;
    bool isBeforeEnd(LocalTime start, const RecurrenceRule& rule) const;
    bool isRemoved(LocalTime start, const CalendarTiming& timing) const;
    Window resolve(LocalTime occurrence, LocalTime start, const WindowEnd& end) const;
    std::vector<Window> calendarWindows(Instant from, Instant to) const;
    std::vector<Window> cronWindows(const CronTiming& timing, Instant from, Instant to) const;
    std::optional<std::pair<Instant, Instant>> dueAt(LocalTime time, DstPolicy dst) const;
    void dropExcluded(std::vector<Window>& windows) const;

    Timing m_timing;
    ZoneRules m_zone;
    std::vector<OccurrenceChange> m_changes;
    std::vector<Window> m_changed;                        // windows of the changes
    std::optional<std::vector<LocalTime>> m_fixedStarts;  // all there are, for rules with a count and for none
    std::chrono::days m_reach{0};                         // how long before an instant a window may start that holds it
    std::vector<Timetable> m_exclusions;
};

}  // namespace headgate
