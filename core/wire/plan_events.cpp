#include "core/wire/plan_events.h"

#include "core/plan/cron_recurrence.h"
#include "core/plan/plan_text.h"
#include "core/plan/recurrence.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_routes.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_effects.h"

#include <algorithm>

namespace headgate {
namespace {

using std::chrono::days;

std::string utcText(Instant t)
{
    return basicText(LocalTime(t.time_since_epoch())) + "Z";
}

// Hours and less are exact in a calendar, days are not.
std::string durationText(seconds duration)
{
    const auto total = duration.count();
    std::string text = "PT";
    if (total >= 3600)
        text += std::to_string(total / 3600) + "H";
    if (total / 60 % 60 != 0)
        text += std::to_string(total / 60 % 60) + "M";
    if (total % 60 != 0)
        text += std::to_string(total % 60) + "S";
    return text;
}

// Calendars count the first event even if its rule does not name it.
LocalTime firstStart(const CalendarTiming& timing)
{
    if (!timing.rule)
        return timing.start;
    RecurrenceDays walk(*timing.rule, dayOf(timing.start), dayOf(timing.start));
    const auto first = walk.next();
    return first ? *first + timeOfDay(timing.start) : timing.start;
}

// In a calendar the end of a recurrence is an instant (RFC 5545 section 3.3.10).
RecurrenceRule withInstantEnd(RecurrenceRule rule, const Result<ZoneRules>& zone)
{
    if (!rule.until || !zone || std::holds_alternative<Instant>(*rule.until))
        return rule;
    const auto* day = std::get_if<LocalDay>(&*rule.until);
    const LocalTime last = day ? LocalTime(*day + days(1)) - seconds(1) : std::get<LocalTime>(*rule.until);
    rule.until = zone->map(last).first;
    return rule;
}

std::string nameOr(const std::string& name, const std::string& otherwise)
{
    return name.empty() ? otherwise : name;
}

}  // namespace

void PlanEvents::begin(const Words& words)
{
    m_calendar.add("BEGIN", "VEVENT");
    m_calendar.add("UID", words.uid);
    m_calendar.add("DTSTAMP", utcText(m_stamp));
    m_calendar.addText("SUMMARY", words.summary);
    m_calendar.addText("DESCRIPTION", words.description);
}

void PlanEvents::addTime(const std::string& name, LocalTime time, const std::string& zone)
{
    addTimes(name, {time}, zone);
}

void PlanEvents::addTimes(const std::string& name, const std::vector<LocalTime>& times, const std::string& zone)
{
    if (times.empty())
        return;
    const bool isUtc = zone == "UTC";
    std::string list;
    for (LocalTime time : times)
        list += (list.empty() ? "" : ",") + basicText(time) + (isUtc ? "Z" : "");
    m_calendar.add(isUtc ? name : name + ";TZID=" + zone, list);
    if (isUtc)
        return;
    const auto known = m_firstTimes.emplace(zone, times.front()).first;
    known->second = std::min(known->second, *std::ranges::min_element(times));
}

void PlanEvents::addSpan(LocalTime start, const WindowEnd& end, const std::string& zone)
{
    addTime("DTSTART", start, zone);
    if (const auto* exact = std::get_if<ExactEnd>(&end)) {
        m_calendar.add("DURATION", durationText(exact->duration));
        return;
    }
    const auto& wall = std::get<WallEnd>(end);
    addTime("DTEND", dayOf(start) + days(wall.dayOffset) + wall.clock, zone);
}

void PlanEvents::addTiming(const CalendarTiming& timing)
{
    addSpan(firstStart(timing), timing.end, timing.zone);
    if (timing.rule)
        m_calendar.add("RRULE", toText(withInstantEnd(*timing.rule, m_zones(timing.zone))));
    addTimes("RDATE", timing.extraStarts, timing.zone);
    addTimes("EXDATE", timing.removedStarts, timing.zone);
}

bool PlanEvents::addTiming(const CronTiming& timing, LocalTime from)
{
    auto due = timing.cron.atOrAfter(from);
    if (!due)
        due = timing.cron.atOrBefore(from);
    const LocalTime start = due.value_or(from);
    addSpan(start, ExactEnd{timing.duration}, timing.zone);
    if (const auto recurrence = recurrenceOf(timing.cron)) {
        m_calendar.add("RRULE", toText(recurrence->rule));
        return true;
    }
    std::vector<LocalTime> more;
    const LocalTime end = start + furthestListedWindow;
    auto next = timing.cron.atOrAfter(start + seconds(1));
    for (; next && *next < end && more.size() < mostListedWindows; next = timing.cron.atOrAfter(*next + seconds(1)))
        more.push_back(*next);
    addTimes("RDATE", more, timing.zone);
    return !next;
}

void PlanEvents::addChange(const OccurrenceChange& change, const Schedule& schedule, const Words& words)
{
    const auto& timing = std::get<CalendarTiming>(schedule.timing);
    Words changed = words;
    if (change.effect)
        changed.description = scopeText(schedule.scope) + ": " + effectText(*change.effect);
    begin(changed);
    addTime("RECURRENCE-ID", change.occurrence, timing.zone);
    addSpan(change.start.value_or(change.occurrence), change.end.value_or(timing.end), timing.zone);
    m_calendar.add("END", "VEVENT");
}

bool PlanEvents::add(const Schedule& schedule, LocalTime from)
{
    const Words words{native::percentEncoded(schedule.id) + "@headgate", nameOr(schedule.name, schedule.id),
                      scopeText(schedule.scope) + ": " + effectText(schedule.effect)};
    begin(words);
    const auto* calendar = std::get_if<CalendarTiming>(&schedule.timing);
    bool isWhole = true;
    if (calendar)
        addTiming(*calendar);
    else
        isWhole = addTiming(std::get<CronTiming>(schedule.timing), from);
    if (!schedule.isEnabled)
        m_calendar.add("STATUS", "CANCELLED");
    m_calendar.addJson("X-HEADGATE-SCHEDULE", native::toJson(PlanItem(schedule)));
    m_calendar.add("END", "VEVENT");
    for (std::size_t i = 0; calendar && i < schedule.changes.size(); ++i)
        addChange(schedule.changes[i], schedule, words);
    return isWhole;
}

bool PlanEvents::add(const ConfigurationOverlay& overlay, const ConfigurationOverlay::Opening& opening, LocalTime from)
{
    const std::string& name = overlay.configuration.name.value;
    begin({native::percentEncoded(name + "/" + opening.name) + "@configurations.headgate", name + ": " + opening.name,
           overlay.base.value + ": configuration " + name});
    const bool isWhole = addTiming(opening.timing, from);
    m_calendar.addText("X-HEADGATE-OPENING", name);
    m_calendar.add("END", "VEVENT");
    return isWhole;
}

void PlanEvents::add(const Overlay& overlay)
{
    begin({native::percentEncoded(overlay.id) + "@headgate", nameOr(overlay.name, overlay.id),
           scopeText(overlay.scope) + ": " + effectText(overlay.op) +
               (overlay.reason.empty() ? "" : "\n" + overlay.reason)});
    m_calendar.add("DTSTART", utcText(overlay.from));
    m_calendar.add("DTEND", utcText(overlay.to));
    m_calendar.addJson("X-HEADGATE-OVERLAY", native::toJson(PlanItem(overlay)));
    m_calendar.add("END", "VEVENT");
}

}  // namespace headgate
