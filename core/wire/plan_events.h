#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/zone_rules.h"
#include "core/wire/calendar_text.h"

#include <set>
#include <string>

// Items of a plan as events of a calendar. Each has the property X-HEADGATE-<KIND> with the native document in it, for
// what a calendar has no words for.
namespace headgate {

// How many windows of a cron expression are listed that no recurrence says, and for how long ahead.
constexpr std::size_t mostListedWindows = 1000;
constexpr std::chrono::days furthestListedWindow{400};

class PlanEvents
{
public:
    // `stamp` is when the calendar is made.
    PlanEvents(const ZoneLoader& zones, Instant stamp) : m_zones(zones), m_stamp(stamp) {}

    // The windows of cron expressions begin with the first one at or after `from`. False if not all are in it.
    bool add(const Schedule& schedule, LocalTime from);
    bool add(const ConfigurationOverlay& overlay, const ConfigurationOverlay::Opening& opening, LocalTime from);
    void add(const Overlay& overlay);

    const std::string& text() const { return m_calendar.text(); }

    // Zones that the events name, each with a time that is before all of them.
    const std::map<std::string, LocalTime>& zonesFrom() const { return m_firstTimes; }

private:
    struct Words
    {
        std::string uid, summary, description;
    };

    void begin(const Words& words);
    void addTime(const std::string& name, LocalTime time, const std::string& zone);
    void addTimes(const std::string& name, const std::vector<LocalTime>& times, const std::string& zone);
    void addSpan(LocalTime start, const WindowEnd& end, const std::string& zone);
    void addTiming(const CalendarTiming& timing);
    bool addTiming(const CronTiming& timing, LocalTime from);
    void addChange(const OccurrenceChange& change, const Schedule& schedule, const Words& words);

    const ZoneLoader& m_zones;
    Instant m_stamp;
    CalendarText m_calendar;
    std::map<std::string, LocalTime> m_firstTimes;
};

}  // namespace headgate
