#include "core/plan/timetable.h"

#include "core/plan/recurrence.h"

#include <algorithm>

namespace headgate {
namespace {

using std::chrono::days;
using Kind = LocalMapping::Kind;

Instant startAt(const LocalMapping& mapping, DstPolicy policy)
{
    return mapping.kind == Kind::Gap && policy == DstPolicy::Cover ? mapping.second : mapping.first;
}

Instant endAt(const LocalMapping& mapping, DstPolicy policy)
{
    return mapping.kind == Kind::Overlap && policy == DstPolicy::Cover ? mapping.second : mapping.first;
}

days reachOf(const WindowEnd& end)
{
    if (const auto* wall = std::get_if<WallEnd>(&end))
        return days(wall->dayOffset + 1);
    return std::chrono::ceil<days>(std::get<ExactEnd>(end).duration);
}

// Windows that reach from an earlier day, and offsets between UTC and the wall.
constexpr days slack{3};

}  // namespace

Timetable::Timetable(Timing timing, ZoneRules zone, std::vector<OccurrenceChange> changes)
    : m_timing(std::move(timing)), m_zone(std::move(zone)), m_changes(std::move(changes))
{
    const auto* calendar = std::get_if<CalendarTiming>(&m_timing);
    if (!calendar)
        return;
    m_reach = reachOf(calendar->end) + slack;
    if (!calendar->rule)
        m_fixedStarts = {calendar->start};
    else if (calendar->rule->count)
        m_fixedStarts = countedStarts(*calendar);
    for (std::size_t i = 0; i < m_changes.size(); ++i) {
        const OccurrenceChange& change = m_changes[i];
        const LocalDay day = dayOf(change.occurrence);
        if (std::ranges::count(starts(day, day + days(1)), change.occurrence) == 0)
            continue;
        Window window =
            resolve(change.occurrence, change.start.value_or(change.occurrence), change.end.value_or(calendar->end));
        window.change = static_cast<int>(i);
        m_changed.push_back(window);
    }
}

// RFC 5545 counts removed occurrences, and a start that the clocks leave out does not exist under Skip.
std::vector<LocalTime> Timetable::countedStarts(const CalendarTiming& timing) const
{
    std::vector<LocalTime> found;
    RecurrenceDays walk(*timing.rule, dayOf(timing.start), dayOf(timing.start));
    int left = *timing.rule->count;
    while (left > 0) {
        const auto day = walk.next();
        if (!day)
            break;
        const LocalTime start = *day + timeOfDay(timing.start);
        if (timing.dst != DstPolicy::Skip || m_zone.map(start).kind != Kind::Gap)
            --left;
        found.push_back(start);
    }
    return found;
}

bool Timetable::isBeforeEnd(LocalTime start, const RecurrenceRule& rule) const
{
    if (!rule.until)
        return true;
    if (const auto* day = std::get_if<LocalDay>(&*rule.until))
        return dayOf(start) <= *day;
    if (const auto* local = std::get_if<LocalTime>(&*rule.until))
        return start <= *local;
    return m_zone.map(start).first <= std::get<Instant>(*rule.until);
}

bool Timetable::isRemoved(LocalTime start, const CalendarTiming& timing) const
{
    return std::ranges::count(timing.removedStarts, start) > 0;
}

// Starts on the days [from, to), as written, without the removed ones.
std::vector<LocalTime> Timetable::starts(LocalDay from, LocalDay to) const
{
    const auto& timing = std::get<CalendarTiming>(m_timing);
    std::vector<LocalTime> found;
    const auto add = [&](LocalTime start) {
        if (start >= LocalTime(from) && start < LocalTime(to) && !isRemoved(start, timing))
            found.push_back(start);
    };
    if (m_fixedStarts) {
        std::ranges::for_each(*m_fixedStarts, add);
    } else {
        RecurrenceDays walk(*timing.rule, dayOf(timing.start), from);
        for (auto day = walk.next(); day && *day < to; day = walk.next()) {
            const LocalTime start = *day + timeOfDay(timing.start);
            if (!isBeforeEnd(start, *timing.rule))
                break;
            add(start);
        }
    }
    std::ranges::for_each(timing.extraStarts, add);
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

// New York, 8 March 2026, 02:30 to 05:00: 02:30 is left out, so the window starts at the change, 07:00Z.
Window Timetable::resolve(LocalTime occurrence, LocalTime start, const WindowEnd& end) const
{
    const DstPolicy policy = std::get<CalendarTiming>(m_timing).dst;
    const LocalMapping from = m_zone.map(start);
    Window window{startAt(from, policy), {}, occurrence, -1, DstFate::None};
    const bool isDropped = from.kind == Kind::Gap && policy == DstPolicy::Skip;
    bool isMoved = from.kind != Kind::Unique;
    if (const auto* exact = std::get_if<ExactEnd>(&end)) {
        window.end = window.start + exact->duration;
    } else {
        const auto& wall = std::get<WallEnd>(end);
        const LocalMapping to = m_zone.map(dayOf(start) + days(wall.dayOffset) + wall.clock);
        window.end = endAt(to, policy);
        isMoved = isMoved || to.kind != Kind::Unique;
    }
    window.fate = isDropped ? DstFate::Dropped : isMoved ? DstFate::Moved : DstFate::None;
    if (isDropped || window.end < window.start)
        window.end = window.start;
    return window;
}

std::vector<Window> Timetable::calendarWindows(Instant from, Instant to) const
{
    const auto& timing = std::get<CalendarTiming>(m_timing);
    const LocalDay first = dayOf(m_zone.toLocal(from)) - m_reach;
    const LocalDay last = dayOf(m_zone.toLocal(to)) + slack;
    std::vector<Window> found;
    const auto add = [&](const Window& window) {
        const bool isThere = window.fate == DstFate::Dropped ? window.start >= from : window.end > from;
        if (isThere && window.start < to && (window.end > window.start || window.fate == DstFate::Dropped))
            found.push_back(window);
    };
    for (LocalTime start : starts(first, last)) {
        if (std::ranges::count(m_changes, start, &OccurrenceChange::occurrence) == 0)
            add(resolve(start, start, timing.end));
    }
    std::ranges::for_each(m_changed, add);
    std::ranges::stable_sort(found, {}, &Window::start);
    return found;
}

// The first and the last instant of a time on the wall, which are two where it comes due twice.
std::optional<std::pair<Instant, Instant>> Timetable::dueAt(LocalTime time, DstPolicy dst) const
{
    const LocalMapping mapping = m_zone.map(time);
    if (mapping.kind == Kind::Gap)
        return dst == DstPolicy::Skip ? std::nullopt
                                      : std::optional(std::pair(startAt(mapping, dst), startAt(mapping, dst)));
    return std::pair(mapping.first, endAt(mapping, dst));
}

// What is found first is the last one, unless another one stands within the slip.
std::optional<Instant> Timetable::lastDue(Instant t) const
{
    const auto* timing = std::get_if<CronTiming>(&m_timing);
    if (!timing)
        return {};
    const LocalTime local = m_zone.toLocal(t);
    std::optional<Instant> last;
    LocalTime from = local + m_zone.slipAround(local), beyond = LocalTime::min();
    while (from > beyond) {
        const auto at = timing->cron.atOrBefore(from);
        if (!at || *at <= beyond)
            break;
        from = *at - seconds(1);
        const auto due = dueAt(*at, timing->dst);
        if (!due || due->first > t)
            continue;
        if (!last)
            beyond = *at - m_zone.slipAround(*at);
        last = std::max(last, std::optional(due->second <= t ? due->second : due->first));
    }
    return last;
}

std::optional<Instant> Timetable::nextDue(Instant t) const
{
    const auto* timing = std::get_if<CronTiming>(&m_timing);
    if (!timing)
        return {};
    const LocalTime local = m_zone.toLocal(t);
    std::optional<Instant> next;
    LocalTime from = local - m_zone.slipAround(local) + seconds(1), beyond = LocalTime::max();
    while (from < beyond) {
        const auto at = timing->cron.atOrAfter(from);
        if (!at || *at >= beyond)
            break;
        from = *at + seconds(1);
        const auto due = dueAt(*at, timing->dst);
        if (!due || due->second <= t)
            continue;
        if (!next)
            beyond = *at + m_zone.slipAround(*at);
        const Instant found = due->first > t ? due->first : due->second;
        next = next ? std::min(*next, found) : found;
    }
    return next;
}

std::vector<Window> Timetable::cronWindows(const CronTiming& timing, Instant from, Instant to) const
{
    std::vector<Window> found;
    auto due = lastDue(from);
    if (!due || *due + timing.duration <= from)
        due = nextDue(from);
    while (due && *due < to) {
        const LocalTime local = m_zone.toLocal(*due);
        Window window{*due, *due + timing.duration, local, -1, DstFate::None};
        // One that began before may be a part of a longer one.
        if (*due > from && (timing.cron.atOrAfter(local) != local || m_zone.map(local).kind == Kind::Overlap))
            window.fate = DstFate::Moved;
        for (auto again = lastDue(window.end); again && *again + timing.duration > window.end && window.end < to;
             again = lastDue(window.end))
            window.end = *again + timing.duration;
        found.push_back(window);
        due = nextDue(window.end);
    }
    return found;
}

seconds Timetable::stride() const
{
    const auto* cron = std::get_if<CronTiming>(&m_timing);
    return cron ? cron->duration : seconds(std::chrono::days(36'500));
}

void Timetable::dropExcluded(std::vector<Window>& windows) const
{
    if (m_exclusions.empty() || windows.empty())
        return;
    std::vector<Window> events;
    for (const Timetable& event : m_exclusions) {
        const auto more = event.windows(windows.front().start, windows.back().start + seconds(1));
        events.insert(events.end(), more.begin(), more.end());
    }
    std::erase_if(windows, [&](const Window& window) {
        return std::ranges::any_of(
            events, [&](const Window& event) { return event.start <= window.start && window.start < event.end; });
    });
}

std::vector<Window> Timetable::windows(Instant from, Instant to) const
{
    const auto* cron = std::get_if<CronTiming>(&m_timing);
    auto found = cron ? cronWindows(*cron, from, to) : calendarWindows(from, to);
    dropExcluded(found);
    return found;
}

}  // namespace headgate
