#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/zone_rules.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Calendars (RFC 5545) as plans. Errors name the property and its line.
namespace headgate {

// The name of IANA for what another program calls a zone, "" if it is not known.
using ZoneNames = std::function<std::string(const std::string& name)>;

struct CalendarZones
{
    ZoneLoader rules;
    ZoneNames ianaNameOf = {};  // asked for what `rules` does not know
};

struct CalendarPlan
{
    PlanDocument document;
    std::vector<int> scheduleLines;  // of their events
    std::vector<int> overlayLines;
    std::vector<int> exclusionLines;  // of those of its one exclusion set
    int restLine = 0;                 // of what stands beside the events, 0 if nothing does
};

// The events as schedules that make `nodeGroup` active, each with its UID as the id; floating times are in UTC. Those
// that calendarOf() wrote become again what they were, but for what somebody has edited in the calendar since.
Result<CalendarPlan> planFromCalendar(std::string_view text, const CalendarZones& zones,
                                      const NodeGroupName& nodeGroup);

// Events as days and hours at which nothing starts, in one exclusion set; floating ones have no zone.
Result<CalendarPlan> exclusionSetFromCalendar(std::string_view text, std::string name, const CalendarZones& zones);

}  // namespace headgate
