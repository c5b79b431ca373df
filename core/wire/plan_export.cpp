#include "core/wire/plan_export.h"

#include "core/base/check.h"
#include "core/wire/calendar_zone.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_events.h"

#include <algorithm>
#include <array>

namespace headgate {
namespace {

constexpr std::array<std::string_view, 4> formatWords = {"native", "stream-manager", "ics", "csv"};

std::string indented(const nlohmann::json& json)
{
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// What stands in the calendar as it is, for no event has it.
PlanDocument withoutEvents(PlanDocument document)
{
    document.schedules.clear();
    document.overlays.clear();
    return document;
}

// On the wall of the zone; in UTC if there is none of that name.
LocalTime wallTime(Instant t, const std::string& zone, const ZoneLoader& zones)
{
    const auto rules = zones(zone);
    return (rules ? *rules : ZoneRules()).toLocal(t);
}

// In a calendar every window of a series is as long as the first one.
bool hasWindowsOfOtherLength(const Schedule& schedule)
{
    const auto* timing = std::get_if<CalendarTiming>(&schedule.timing);
    return timing && std::holds_alternative<WallEnd>(timing->end) &&
           std::ranges::any_of(timing->extraStarts,
                               [&](LocalTime extra) { return timeOfDay(extra) != timeOfDay(timing->start); });
}

std::string zoneOf(const Schedule& schedule)
{
    return std::visit([](const auto& timing) { return timing.zone; }, schedule.timing);
}

}  // namespace

std::string_view toWord(PlanFormat format)
{
    return formatWords[static_cast<std::size_t>(format)];
}

Result<PlanFormat> planFormatFromWord(std::string_view word)
{
    const auto found = std::ranges::find(formatWords, word);
    if (found == formatWords.end())
        return fail(ErrorCode::InvalidArgument, "\"" + std::string(word) + "\" is no format of a plan.",
                    "Use native, stream-manager, ics or csv.");
    return static_cast<PlanFormat>(found - formatWords.begin());
}

std::string_view mediaTypeOf(PlanFormat format)
{
    switch (format) {
    case PlanFormat::Native:
    case PlanFormat::StreamManager:
        return "application/json";
    case PlanFormat::Calendar:
        return "text/calendar; charset=utf-8";
    case PlanFormat::Csv:
        return "text/csv; charset=utf-8";
    }
    unreachable();
}

PlanExport calendarOf(const PlanDocument& document, const ZoneLoader& zones, Instant now)
{
    PlanExport made;
    PlanEvents events(zones, now);
    const auto noteCut = [&](const std::string& name) {
        made.notes.push_back("Calendar programs see the next windows of \"" + name +
                             "\" only: no recurrence says its "
                             "cron expression.");
    };
    for (const Schedule& schedule : document.schedules) {
        if (!events.add(schedule, wallTime(now, zoneOf(schedule), zones)))
            noteCut(schedule.id);
        if (!schedule.exclusions.empty())
            made.notes.push_back("Calendar programs show \"" + schedule.id +
                                 "\" on the days of its exclusion sets, too.");
        if (hasWindowsOfOtherLength(schedule))
            made.notes.push_back("Calendar programs show all windows of \"" + schedule.id +
                                 "\" with the length of the first one.");
    }
    for (const Overlay& overlay : document.overlays)
        events.add(overlay);
    for (const ConfigurationOverlay& overlay : document.configurations) {
        for (const ConfigurationOverlay::Opening& opening : overlay.openings) {
            if (!events.add(overlay, opening, wallTime(now, opening.timing.zone, zones)))
                noteCut(overlay.configuration.name.value + "/" + opening.name);
        }
    }
    CalendarText head;
    head.add("BEGIN", "VCALENDAR");
    head.add("VERSION", "2.0");
    head.add("PRODID", "-//Headgate//Plan//EN");
    head.add("CALSCALE", "GREGORIAN");
    if (const PlanDocument rest = withoutEvents(document); rest != PlanDocument())
        head.addJson("X-HEADGATE-PLAN", native::toJson(rest));
    for (const auto& [name, first] : events.zonesFrom()) {
        if (const auto zone = zones(name))
            addTimeZone(head, *zone, Instant(first.time_since_epoch()));
    }
    made.text = head.text() + events.text() + "END:VCALENDAR\r\n";
    return made;
}

Result<PlanExport> exportPlan(const PlanDocument& document, PlanFormat format, const ExportOptions& options)
{
    switch (format) {
    case PlanFormat::Native:
        return PlanExport{indented(native::toJson(document)), {}};
    case PlanFormat::StreamManager: {
        PlanExport made;
        made.text = indented(stream_manager::toJson(document, made.notes));
        return made;
    }
    case PlanFormat::Calendar:
        return calendarOf(document, options.zones, options.now);
    case PlanFormat::Csv:
        return csvOf(document, options);
    }
    unreachable();
}

}  // namespace headgate
