#include "core/plan/plan_rules.h"
#include "core/plan/plan_text.h"
#include "core/plan/recurrence.h"
#include "core/wire/plan_codec.h"

#include <algorithm>
#include <charconv>

namespace headgate {
namespace {

// One unfolded line of RFC 5545: NAME;PARAMETER=VALUE:value.
struct CalendarLine
{
    int number = 0;
    std::string name;
    std::map<std::string, std::string> parameters;
    std::string value;
};

tl::unexpected<Error> failAt(int line, const std::string& field, std::string message)
{
    return fail(ErrorCode::InvalidArgument, std::move(message), {}, field + " (line " + std::to_string(line) + ")");
}

Result<CalendarLine> parsedLine(std::string_view text, int number)
{
    CalendarLine line{number, {}, {}, {}};
    std::vector<std::string> parts(1);
    bool isQuoted = false;
    std::size_t at = 0;
    for (; at < text.size() && (isQuoted || text[at] != ':'); ++at) {
        if (text[at] == '"')
            isQuoted = !isQuoted;
        else if (text[at] == ';' && !isQuoted)
            parts.emplace_back();
        else
            parts.back() += text[at];
    }
    if (at == text.size() || parts.front().empty())
        return failAt(number, "calendar", "This is no line of a calendar: it has no name or no \":\".");
    line.name = parts.front();
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto equals = std::min(parts[i].find('='), parts[i].size());
        line.parameters[parts[i].substr(0, equals)] = parts[i].substr(std::min(equals + 1, parts[i].size()));
    }
    line.value = text.substr(at + 1);
    return line;
}

Result<std::vector<CalendarLine>> unfolded(std::string_view text)
{
    std::vector<std::pair<int, std::string>> raw;
    int number = 0;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        std::string_view line = text.substr(start, end - start);
        start = end + 1;
        ++number;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!line.empty() && (line.front() == ' ' || line.front() == '\t') && !raw.empty())
            raw.back().second += line.substr(1);
        else if (!line.empty())
            raw.emplace_back(number, line);
    }
    std::vector<CalendarLine> lines;
    for (const auto& [at, line] : raw) {
        auto parsed = parsedLine(line, at);
        if (!parsed)
            return tl::unexpected(std::move(parsed.error()));
        lines.push_back(std::move(*parsed));
    }
    return lines;
}

// A date or a time as a property has it. Without a zone and without Z it is floating.
struct CalendarTime
{
    LocalTime time;
    std::string zone;
    bool isDate = false;
};

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
        return failAt(line.number, line.name, "\"" + std::string(value) + "\" is no date and no time.");
    time.time = *local;
    if (isUtc)
        time.zone = "UTC";
    return time;
}

// "PT2H30M", "P1D", "P1W".
Result<seconds> durationOf(const CalendarLine& line)
{
    std::string_view rest = line.value;
    const auto wrong = [&] { return failAt(line.number, line.name, "\"" + line.value + "\" is no duration."); };
    if (!rest.starts_with('P') || rest.size() < 3)
        return wrong();
    rest.remove_prefix(1);
    std::int64_t total = 0;
    while (!rest.empty()) {
        if (rest.front() == 'T')
            rest.remove_prefix(1);
        int number = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        if (error != std::errc() || rest.empty() || number < 0 || number > 100'000'000)
            return wrong();
        switch (rest.front()) {
        case 'W':
            total += std::int64_t(604'800) * number;
            break;
        case 'D':
            total += std::int64_t(86'400) * number;
            break;
        case 'H':
            total += std::int64_t(3'600) * number;
            break;
        case 'M':
            total += std::int64_t(60) * number;
            break;
        case 'S':
            total += number;
            break;
        default:
            return wrong();
        }
        rest.remove_prefix(1);
    }
    return seconds(total);
}

std::string unescaped(const std::string& text)
{
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool isEscape = text[i] == '\\' && i + 1 < text.size();
        const char c = isEscape ? text[++i] : text[i];
        plain += isEscape && (c == 'n' || c == 'N') ? '\n' : c;
    }
    return plain;
}

// One VEVENT.
struct CalendarEvent
{
    int line = 0;
    std::string uid;
    std::string summary;
    bool isCancelled = false;
    CalendarTiming timing;
    bool isDate = false;
    bool hasStart = false;
    std::optional<CalendarTime> end;
    std::optional<seconds> duration;
    std::optional<CalendarTime> replaces;  // RECURRENCE-ID
};

class EventReader
{
public:
    EventReader(CalendarEvent& event, const ZoneLoader& zones) : m_event(event), m_zones(zones) {}

    Result<void> take(const CalendarLine& line)
    {
        if (line.name == "DTSTART")
            return takeStart(line);
        if (line.name == "DTEND" || line.name == "RECURRENCE-ID") {
            auto time = timeOf(line, line.value);
            if (!time)
                return tl::unexpected(std::move(time.error()));
            (line.name == "DTEND" ? m_event.end : m_event.replaces) = *time;
        } else if (line.name == "DURATION") {
            const auto duration = durationOf(line);
            if (!duration)
                return tl::unexpected(duration.error());
            m_event.duration = *duration;
        } else if (line.name == "RRULE") {
            auto rule = recurrenceFromText(line.value);
            if (!rule)
                return failAt(line.number, line.name, rule.error().message);
            m_event.timing.rule = std::move(*rule);
        } else if (line.name == "EXDATE" || line.name == "RDATE") {
            m_lists.push_back(line);
        } else if (line.name == "UID") {
            m_event.uid = line.value;
        } else if (line.name == "SUMMARY") {
            m_event.summary = unescaped(line.value);
        } else if (line.name == "STATUS") {
            m_event.isCancelled = line.value == "CANCELLED";
        }
        return {};
    }

    Result<void> finish()
    {
        if (!m_event.hasStart)
            return failAt(m_event.line, "DTSTART", "The event has no start.");
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
            return failAt(line.number, "DTSTART", "There is no time zone \"" + start->zone + "\".");
        m_event.hasStart = true;
        m_event.isDate = start->isDate;
        m_event.timing.start = start->time;
        m_event.timing.zone = start->zone;
        return {};
    }

    // In the zone of the start.
    Result<LocalTime> inZone(const CalendarTime& time, int line, const std::string& name) const
    {
        if (time.zone == m_event.timing.zone)
            return time.time;
        if (time.isDate)
            return time.time + timeOfDay(m_event.timing.start);
        const auto from = m_zones(time.zone), to = m_zones(m_event.timing.zone);
        if (!from || !to)
            return failAt(line, name, "Its zone and that of DTSTART do not go together.");
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
        if (m_event.duration && !m_event.isDate) {
            m_event.timing.end = ExactEnd{*m_event.duration};
            return {};
        }
        LocalTime end = start + (m_event.isDate ? seconds(86'400) : seconds(0));
        if (m_event.duration)
            end = start + *m_event.duration;
        if (m_event.end) {
            const auto local = inZone(*m_event.end, m_event.line, "DTEND");
            if (!local)
                return tl::unexpected(local.error());
            end = *local;
        }
        if (end <= start)
            return failAt(m_event.line, "DTEND", "The event does not end after its start.");
        m_event.timing.end = WallEnd{timeOfDay(end), static_cast<int>((dayOf(end) - dayOf(start)).count())};
        return {};
    }

    CalendarEvent& m_event;
    const ZoneLoader& m_zones;
    std::vector<CalendarLine> m_lists;
};

Result<std::vector<CalendarEvent>> eventsOf(const std::vector<CalendarLine>& lines, const ZoneLoader& zones)
{
    std::vector<CalendarEvent> events;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].name != "BEGIN" || lines[i].value != "VEVENT")
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
            return failAt(event.line, "VEVENT", "The event has no end.");
        if (auto finished = reader.finish(); !finished)
            return tl::unexpected(std::move(finished.error()));
        events.push_back(std::move(event));
    }
    return events;
}

void replaceOccurrence(Schedule& schedule, const CalendarEvent& event)
{
    auto& timing = std::get<CalendarTiming>(schedule.timing);
    if (event.isCancelled) {
        timing.removedStarts.push_back(event.replaces->time);
        return;
    }
    schedule.changes.push_back({event.replaces->time, event.timing.start, event.timing.end, {}});
}

}  // namespace

Result<PlanDocument> planDocumentFromCalendar(std::string_view text, const ZoneLoader& zones)
{
    auto lines = unfolded(text);
    if (!lines)
        return tl::unexpected(std::move(lines.error()));
    if (lines->empty() || lines->front().name != "BEGIN" || lines->front().value != "VCALENDAR" ||
        lines->back().name != "END" || lines->back().value != "VCALENDAR")
        return failAt(1, "VCALENDAR", "This is no whole calendar: it begins and ends with VCALENDAR.");
    const auto events = eventsOf(*lines, zones);
    if (!events)
        return tl::unexpected(events.error());
    PlanDocument document;
    std::map<std::string, std::size_t> places;
    for (const CalendarEvent& event : *events) {
        if (event.replaces || event.isCancelled)
            continue;
        Schedule schedule;
        schedule.id = "event-" + std::to_string(document.schedules.size() + 1);
        schedule.name = event.summary;
        schedule.scope.nodeGroup = NodeGroupName("calendar");
        schedule.timing = event.timing;
        auto& timing = std::get<CalendarTiming>(schedule.timing);
        timing.dst = DstPolicy::Rfc5545;
        if (timing.zone.empty())
            timing.zone = "UTC";
        if (!places.emplace(event.uid, document.schedules.size()).second)
            return failAt(event.line, "UID", "Two events have the UID \"" + event.uid + "\".");
        document.schedules.push_back(std::move(schedule));
    }
    for (const CalendarEvent& event : *events) {
        const auto place = places.find(event.uid);
        if (!event.replaces)
            continue;
        if (place == places.end())
            return failAt(event.line, "RECURRENCE-ID", "There is no event of the UID \"" + event.uid + "\".");
        Schedule& schedule = document.schedules[place->second];
        const std::string& zone = std::get<CalendarTiming>(schedule.timing).zone;
        const bool isSameZone = event.replaces->zone == zone || (event.replaces->zone.empty() && zone == "UTC");
        if (!isSameZone || (event.timing.zone != zone && !event.timing.zone.empty()))
            return failAt(event.line, "RECURRENCE-ID", "A changed occurrence has the zone of its event.");
        replaceOccurrence(schedule, event);
    }
    for (std::size_t i = 0; i < document.schedules.size(); ++i) {
        PlanDocument one;
        one.schedules = {document.schedules[i]};
        const auto errors = validate(one, zones);
        const auto line = std::ranges::find_if(*events, [&](const CalendarEvent& event) {
            const auto place = places.find(event.uid);
            return place != places.end() && place->second == i && !event.replaces && !event.isCancelled;
        });
        if (!errors.empty())
            return failAt(line->line, "VEVENT" + errors.front().pointer.substr(12), errors.front().message);
    }
    return document;
}

}  // namespace headgate
