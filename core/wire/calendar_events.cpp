#include "core/wire/calendar_events.h"

#include "core/plan/plan_text.h"
#include "core/plan/recurrence.h"

#include <algorithm>
#include <charconv>

namespace headgate {
namespace {

Result<CalendarTime> timeOf(const CalendarLine& line, std::string_view value)
{
    CalendarTime time;
    const auto tzid = line.parameters.find("TZID");
    if (tzid != line.parameters.end())
        time.zone = tzid->second;
    if (const auto day = basicDay(value)) {
        time.time = *day;
        time.isDate = true;
        return time;
    }
    const bool isUtc = value.ends_with('Z');
    const auto local = basicLocalTime(isUtc ? value.substr(0, value.size() - 1) : value);
    if (!local)
        return calendarError(line.name, line.number, "\"" + std::string(value) + "\" is no date and no time.");
    time.time = *local;
    if (isUtc)
        time.zone = "UTC";
    return time;
}

// "PT2H30M", "P1D", "P1W". Days are those of the calendar, hours are exact (section 3.3.6).
struct Length
{
    std::int64_t days = 0;
    std::int64_t rest = 0;  // seconds
};

Result<Length> lengthOf(const CalendarLine& line)
{
    std::string_view rest = line.value;
    const auto wrong = [&] { return calendarError(line.name, line.number, "\"" + line.value + "\" is no duration."); };
    if (!rest.starts_with('P') || rest.size() < 3)
        return wrong();
    rest.remove_prefix(1);
    Length length;
    while (!rest.empty()) {
        if (rest.front() == 'T')
            rest.remove_prefix(1);
        int number = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        if (error != std::errc() || rest.empty() || number < 0 || number > 100'000'000)
            return wrong();
        const std::size_t unit = std::string_view("WDHMS").find(rest.front());
        if (unit == std::string_view::npos)
            return wrong();
        constexpr std::int64_t sizes[] = {7, 1, 3600, 60, 1};
        (unit < 2 ? length.days : length.rest) += sizes[unit] * number;
        rest.remove_prefix(1);
    }
    if (length.days > 1'000'000)
        return wrong();
    return length;
}

class EventReader
{
public:
    EventReader(CalendarEvent& event, const ZoneLoader& zones) : m_event(event), m_zones(zones) {}

    Result<void> take(const CalendarLine& line)
    {
        if (line.name == "DTSTART")
            return takeStart(line);
        if (line.name == "DTEND" || line.name == "RECURRENCE-ID") {
            if (line.parameters.contains("RANGE"))
                return calendarError(line.name, line.number, "Changes of all later occurrences are not read.");
            auto time = timeOf(line, line.value);
            if (!time)
                return tl::unexpected(std::move(time.error()));
            (line.name == "DTEND" ? m_end : m_event.replaces) = *time;
        } else if (line.name == "DURATION") {
            const auto length = lengthOf(line);
            if (!length)
                return tl::unexpected(length.error());
            m_length = *length;
        } else if (line.name == "RRULE") {
            if (m_event.timing.rule)
                return calendarError(line.name, line.number, "An event has one recurrence at most.");
            auto rule = recurrenceFromText(line.value);
            if (!rule)
                return calendarError(line.name, line.number, rule.error().message);
            m_event.timing.rule = std::move(*rule);
        } else if (line.name == "EXDATE" || line.name == "RDATE") {
            m_lists.push_back(line);
        } else if (line.name == "UID") {
            m_event.uid = unescapedCalendarText(line.value);
        } else if (line.name == "SUMMARY") {
            m_event.summary = unescapedCalendarText(line.value);
        } else if (line.name == "STATUS") {
            m_event.isCancelled = line.value == "CANCELLED";
        } else if (line.name.starts_with(ownProperty)) {
            m_event.own = line;
        }
        return {};
    }

    Result<void> finish()
    {
        if (!m_hasStart)
            return calendarError("DTSTART", m_event.line, "The event has no start.");
        for (const CalendarLine& line : m_lists) {
            if (auto taken = takeList(line); !taken)
                return taken;
        }
        return takeEnd();
    }

private:
    Result<void> takeStart(const CalendarLine& line)
    {
        const auto start = timeOf(line, line.value);
        if (!start)
            return tl::unexpected(start.error());
        if (!start->zone.empty() && !m_zones(start->zone))
            return calendarError("DTSTART", line.number,
                                 "There is no time zone \"" + start->zone + "\", neither of IANA nor of Windows.");
        m_hasStart = true;
        m_isDate = start->isDate;
        m_event.timing.start = start->time;
        m_event.timing.zone = start->zone;
        return {};
    }

    // In the zone of the start.
    Result<LocalTime> inZone(const CalendarTime& time, int line, const std::string& name) const
    {
        if (time.isDate)
            return time.time + timeOfDay(m_event.timing.start);
        if (time.zone == m_event.timing.zone)
            return time.time;
        const auto from = m_zones(time.zone), to = m_zones(m_event.timing.zone);
        if (!from || !to)
            return calendarError(name, line, "Its zone and that of DTSTART do not go together.");
        return to->toLocal(from->map(time.time).first);
    }

    Result<void> takeList(const CalendarLine& line)
    {
        for (std::size_t start = 0; start <= line.value.size();) {
            const std::size_t end = std::min(line.value.find(',', start), line.value.size());
            const auto time = timeOf(line, std::string_view(line.value).substr(start, end - start));
            if (!time)
                return tl::unexpected(time.error());
            const auto local = inZone(*time, line.number, line.name);
            if (!local)
                return tl::unexpected(local.error());
            auto& times = line.name == "RDATE" ? m_event.timing.extraStarts : m_event.timing.removedStarts;
            times.push_back(*local);
            start = end + 1;
        }
        return {};
    }

    // Times on the wall stay such; an event of days ends at a midnight.
    Result<void> takeEnd()
    {
        const LocalTime start = m_event.timing.start;
        if (m_length && m_length->rest > 0 && !m_isDate) {
            m_event.timing.end = ExactEnd{seconds(m_length->days * 86'400 + m_length->rest)};
            return {};
        }
        LocalTime end = start + std::chrono::days(m_length ? m_length->days : m_isDate ? 1 : 0);
        if (m_end) {
            const auto local = inZone(*m_end, m_event.line, "DTEND");
            if (!local)
                return tl::unexpected(local.error());
            end = m_end->isDate ? m_end->time : *local;
        }
        if (end <= start)
            return calendarError("DTEND", m_event.line, "The event does not end after its start.");
        // All events of a series last as long as the first one, so that one on another time of day ends at another.
        const bool isAlwaysThen = std::ranges::all_of(
            m_event.timing.extraStarts, [&](LocalTime extra) { return timeOfDay(extra) == timeOfDay(start); });
        m_event.timing.end =
            isAlwaysThen ? WindowEnd(WallEnd{timeOfDay(end), static_cast<int>((dayOf(end) - dayOf(start)).count())})
                         : WindowEnd(ExactEnd{end - start});
        return {};
    }

    CalendarEvent& m_event;
    const ZoneLoader& m_zones;
    bool m_hasStart = false;
    bool m_isDate = false;
    std::optional<CalendarTime> m_end;
    std::optional<Length> m_length;
    std::vector<CalendarLine> m_lists;
};

}  // namespace

Result<std::vector<CalendarEvent>> calendarEvents(const std::vector<CalendarLine>& lines, const ZoneLoader& zones)
{
    std::vector<CalendarEvent> events;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!lines[i].is("BEGIN", "VEVENT"))
            continue;
        CalendarEvent event;
        event.line = lines[i].number;
        EventReader reader(event, zones);
        int depth = 0;  // of alarms inside
        for (++i; i < lines.size() && (depth > 0 || lines[i].name != "END"); ++i) {
            depth += lines[i].name == "BEGIN" ? 1 : lines[i].name == "END" ? -1 : 0;
            if (depth > 0 || lines[i].name == "END")
                continue;
            if (auto taken = reader.take(lines[i]); !taken)
                return tl::unexpected(std::move(taken.error()));
        }
        if (i == lines.size())
            return calendarError("VEVENT", event.line, "The event has no end.");
        if (auto finished = reader.finish(); !finished)
            return tl::unexpected(std::move(finished.error()));
        events.push_back(std::move(event));
    }
    return events;
}

}  // namespace headgate
