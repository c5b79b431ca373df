#include "core/wire/plan_calendar.h"

#include "core/wire/calendar_events.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_events.h"

#include <algorithm>
#include <cstdint>

namespace headgate {
namespace {

// An event and those that take the place of single occurrences of it.
struct EventSeries
{
    const CalendarEvent* main = nullptr;
    std::vector<const CalendarEvent*> replacements;
};

// What an event of somebody else's calendar is called: its UID, as far as it fits.
std::string idOf(const CalendarEvent& event)
{
    if (!event.uid.empty() && event.uid.size() <= 64)
        return event.uid;
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
    for (const char c : event.uid)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return "event-" + std::to_string(hash);
}

// Each zone by its name of IANA, if it has one.
Result<std::vector<CalendarLine>> linesOf(std::string_view text, const CalendarZones& zones)
{
    auto lines = calendarLines(text);
    if (!lines || !zones.ianaNameOf)
        return lines;
    std::map<std::string, std::string> names;
    for (CalendarLine& line : *lines) {
        const auto zone = line.parameters.find("TZID");
        if (zone == line.parameters.end())
            continue;
        const auto [name, isNew] = names.try_emplace(zone->second);
        if (isNew && !zones.rules(zone->second))
            name->second = zones.ianaNameOf(zone->second);
        if (!name->second.empty())
            zone->second = name->second;
    }
    return lines;
}

Result<std::vector<EventSeries>> seriesOf(const std::vector<CalendarEvent>& events)
{
    std::vector<EventSeries> all;
    std::map<std::string, std::size_t> places;
    for (const CalendarEvent& event : events) {
        if (event.replaces)
            continue;
        if (!places.emplace(event.uid, all.size()).second)
            return calendarError("UID", event.line, "Two events have the UID \"" + event.uid + "\".");
        all.push_back({&event, {}});
    }
    for (const CalendarEvent& event : events) {
        if (!event.replaces)
            continue;
        const auto place = places.find(event.uid);
        if (place == places.end())
            return calendarError("RECURRENCE-ID", event.line, "There is no event of the UID \"" + event.uid + "\".");
        all[place->second].replacements.push_back(&event);
    }
    return all;
}

// The zone of an event, or that of floating ones.
std::string zoneOf(const std::string& zone)
{
    return zone.empty() ? "UTC" : zone;
}

// The occurrence that the event takes the place of.
Result<LocalTime> replacedBy(const CalendarEvent& event, const CalendarTiming& timing)
{
    const CalendarTime& replaced = *event.replaces;
    if (replaced.isDate)
        return replaced.time + timeOfDay(timing.start);
    if (zoneOf(replaced.zone) != zoneOf(timing.zone))
        return calendarError("RECURRENCE-ID", event.line, "A changed occurrence has the zone of its event.");
    return replaced.time;
}

// What the calendar itself says.
Result<Schedule> scheduleOf(const EventSeries& series)
{
    const CalendarEvent& event = *series.main;
    Schedule schedule;
    schedule.id = idOf(event);
    schedule.name = event.summary;
    CalendarTiming timing = event.timing;
    timing.zone = zoneOf(timing.zone);
    timing.dst = DstPolicy::Rfc5545;
    for (const CalendarEvent* each : series.replacements) {
        const auto occurrence = replacedBy(*each, timing);
        if (!occurrence)
            return tl::unexpected(occurrence.error());
        if (each->timing.zone != timing.zone && !each->timing.zone.empty())
            return calendarError("DTSTART", each->line, "A changed occurrence has the zone of its event.");
        if (each->isCancelled)
            timing.removedStarts.push_back(*occurrence);
        else
            schedule.changes.push_back({*occurrence, each->timing.start, each->timing.end, {}});
    }
    schedule.timing = std::move(timing);
    return schedule;
}

class CalendarReader
{
public:
    CalendarReader(const CalendarZones& zones, const NodeGroupName& nodeGroup)
        : m_zones(askedOnce(zones.rules)), m_names(zones.ianaNameOf), m_nodeGroup(nodeGroup)
    {}

    Result<CalendarPlan> read(std::string_view text)
    {
        const auto lines = linesOf(text, {m_zones, m_names});
        if (!lines)
            return tl::unexpected(lines.error());
        if (lines->empty() || !lines->front().is("BEGIN", "VCALENDAR") || !lines->back().is("END", "VCALENDAR"))
            return calendarError("VCALENDAR", 1, "This is no whole calendar: it begins and ends with VCALENDAR.");
        if (auto taken = takeRest(*lines); !taken)
            return tl::unexpected(std::move(taken.error()));
        const auto events = calendarEvents(*lines, m_zones);
        if (!events)
            return tl::unexpected(events.error());
        const auto all = seriesOf(*events);
        if (!all)
            return tl::unexpected(all.error());
        for (const EventSeries& series : *all) {
            if (auto taken = take(series); !taken)
                return tl::unexpected(std::move(taken.error()));
        }
        return std::move(m_plan);
    }

private:
    // What was written into the calendar beside its events.
    Result<void> takeRest(const std::vector<CalendarLine>& lines)
    {
        const auto line = std::ranges::find(lines, "X-HEADGATE-PLAN", &CalendarLine::name);
        if (line == lines.end())
            return {};
        m_plan.restLine = line->number;
        const auto json = native::parse(unescapedCalendarText(line->value));
        auto rest = json ? native::planDocumentFromJson(*json) : tl::unexpected(json.error());
        if (!rest)
            return calendarError(line->name + rest.error().pointer, line->number, rest.error().message);
        m_plan.document = std::move(*rest);
        return {};
    }

    Result<void> take(const EventSeries& series)
    {
        auto read = scheduleOf(series);
        if (!read)
            return tl::unexpected(std::move(read.error()));
        const CalendarLine& own = series.main->own;
        if (own.name == "X-HEADGATE-OPENING")
            return checkOpening(*series.main, *read);
        if (own.name == "X-HEADGATE-SCHEDULE")
            return takeSchedule(*series.main, *read);
        if (own.name == "X-HEADGATE-OVERLAY")
            return takeOverlay(*series.main, *read);
        if (series.main->isCancelled)
            return {};
        read->scope.nodeGroup = m_nodeGroup;
        m_plan.document.schedules.push_back(std::move(*read));
        m_plan.scheduleLines.push_back(series.main->line);
        return {};
    }

    Result<PlanItem> ownItem(const CalendarLine& own, PlanItemKind kind) const
    {
        const auto json = native::parse(unescapedCalendarText(own.value));
        auto item = json ? native::planItemFromJson(kind, *json) : tl::unexpected(json.error());
        if (!item)
            return calendarError(own.name + item.error().pointer, own.number, item.error().message);
        return item;
    }

    // How the calendar would say what was written, which tells whether somebody has edited it since.
    Result<Schedule> asWritten(const PlanEvents& written) const
    {
        const auto lines = calendarLines(written.text());
        if (!lines)
            return tl::unexpected(lines.error());
        const auto events = calendarEvents(*lines, m_zones);
        if (!events)
            return tl::unexpected(events.error());
        const auto all = seriesOf(*events);
        return all ? scheduleOf(all->front()) : tl::unexpected(all.error());
    }

    Result<void> takeSchedule(const CalendarEvent& event, const Schedule& read)
    {
        auto item = ownItem(event.own, PlanItemKind::Schedule);
        if (!item)
            return tl::unexpected(std::move(item.error()));
        auto& schedule = std::get<Schedule>(*item);
        PlanEvents written(m_zones, {});
        written.add(schedule, event.timing.start);
        const auto before = asWritten(written);
        if (!before)
            return calendarError(event.own.name, event.own.number, before.error().message);
        if (auto merged = merge(schedule, *before, read); !merged)
            return calendarError("RRULE", event.line, merged.error().message);
        schedule.isEnabled = !event.isCancelled;
        m_plan.document.schedules.push_back(std::move(schedule));
        m_plan.scheduleLines.push_back(event.line);
        return {};
    }

    // What the calendar says now, where it differs from what was written.
    static Result<void> merge(Schedule& schedule, const Schedule& before, const Schedule& now)
    {
        if (now.name != before.name)
            schedule.name = now.name;
        const bool isMoved = now.timing != before.timing;
        if (!isMoved && now.changes == before.changes)
            return {};
        const bool isCron = std::holds_alternative<CronTiming>(schedule.timing);
        if (isCron && !std::get<CalendarTiming>(before.timing).rule)
            return fail(ErrorCode::InvalidArgument, "This event lists windows of a cron expression.",
                        "Change the expression, not the calendar.");
        if (isMoved || isCron) {
            const DstPolicy dst = std::visit([](const auto& timing) { return timing.dst; }, schedule.timing);
            schedule.timing = now.timing;
            std::get<CalendarTiming>(schedule.timing).dst = dst;
        }
        if (now.changes == before.changes)
            return {};
        std::vector<OccurrenceChange> changes = now.changes;
        for (OccurrenceChange& change : changes) {
            const auto old = std::ranges::find(schedule.changes, change.occurrence, &OccurrenceChange::occurrence);
            if (old != schedule.changes.end())
                change.effect = old->effect;
        }
        schedule.changes = std::move(changes);
        return {};
    }

    Result<void> takeOverlay(const CalendarEvent& event, const Schedule& read)
    {
        auto item = ownItem(event.own, PlanItemKind::Overlay);
        if (!item)
            return tl::unexpected(std::move(item.error()));
        auto& overlay = std::get<Overlay>(*item);
        PlanEvents written(m_zones, {});
        written.add(overlay);
        const auto before = asWritten(written);
        if (!before)
            return calendarError(event.own.name, event.own.number, before.error().message);
        if (read.name != before->name)
            overlay.name = read.name;
        if (read.timing != before->timing || !read.changes.empty()) {
            const auto& timing = std::get<CalendarTiming>(read.timing);
            const auto zone = m_zones(timing.zone);
            if (!zone || timing.rule || !timing.extraStarts.empty() || !read.changes.empty())
                return calendarError("RRULE", event.line, "An overlay takes place once.");
            const auto* exact = std::get_if<ExactEnd>(&timing.end);
            const auto wall = exact ? WallEnd() : std::get<WallEnd>(timing.end);
            const LocalTime end = dayOf(timing.start) + std::chrono::days(wall.dayOffset) + wall.clock;
            overlay.from = zone->map(timing.start).first;
            overlay.to = exact ? overlay.from + exact->duration : zone->map(end).first;
        }
        if (event.isCancelled)
            return {};
        m_plan.document.overlays.push_back(std::move(overlay));
        m_plan.overlayLines.push_back(event.line);
        return {};
    }

    // Windows of a configuration overlay, which stands beside the events; they are there to be seen.
    Result<void> checkOpening(const CalendarEvent& event, const Schedule& read) const
    {
        const NodeGroupName name(unescapedCalendarText(event.own.value));
        for (const ConfigurationOverlay& overlay : m_plan.document.configurations) {
            if (overlay.configuration.name != name)
                continue;
            for (const ConfigurationOverlay::Opening& opening : overlay.openings) {
                PlanEvents written(m_zones, {});
                written.add(overlay, opening, event.timing.start);
                const auto before = asWritten(written);
                if (before && before->id == read.id && before->timing == read.timing && read.changes.empty())
                    return {};
            }
        }
        return calendarError("X-HEADGATE-OPENING", event.own.number,
                             "This window belongs to a configuration overlay, which does not say so.");
    }

    ZoneLoader m_zones;
    const ZoneNames& m_names;
    const NodeGroupName& m_nodeGroup;
    CalendarPlan m_plan;
};

}  // namespace

Result<CalendarPlan> planFromCalendar(std::string_view text, const CalendarZones& zones, const NodeGroupName& nodeGroup)
{
    return CalendarReader(zones, nodeGroup).read(text);
}

Result<CalendarPlan> exclusionSetFromCalendar(std::string_view text, std::string name, const CalendarZones& zones)
{
    const ZoneLoader known = askedOnce(zones.rules);
    const auto lines = linesOf(text, {known, zones.ianaNameOf});
    const auto events = lines ? calendarEvents(*lines, known) : tl::unexpected(lines.error());
    if (!events)
        return tl::unexpected(events.error());
    const auto all = seriesOf(*events);
    if (!all)
        return tl::unexpected(all.error());
    CalendarPlan plan;
    ExclusionSet& set = plan.document.exclusions.emplace_back(ExclusionSet{std::move(name), {}});
    const auto add = [&](const CalendarEvent& event, CalendarTiming timing) {
        set.events.push_back({event.summary, std::move(timing)});
        plan.exclusionLines.push_back(event.line);
    };
    for (const EventSeries& series : *all) {
        if (series.main->isCancelled)
            continue;
        CalendarTiming timing = series.main->timing;
        for (const CalendarEvent* each : series.replacements) {
            const auto occurrence = replacedBy(*each, timing);
            if (!occurrence)
                return tl::unexpected(occurrence.error());
            timing.removedStarts.push_back(*occurrence);
            if (!each->isCancelled)
                add(*each, each->timing);
        }
        add(*series.main, std::move(timing));
    }
    return plan;
}

}  // namespace headgate
