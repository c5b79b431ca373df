#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/zone_rules.h"
#include "core/wire/calendar_text.h"

#include <optional>
#include <string>
#include <vector>

// The events of a calendar (RFC 5545 section 3.6.1) as timings of the plan.
namespace headgate {

// A date or a time as a property has it. Without a zone and without Z it is floating.
struct CalendarTime
{
    LocalTime time;
    std::string zone;
    bool isDate = false;

    bool operator==(const CalendarTime&) const = default;
};

// One VEVENT. An end on the wall or by days stays on the wall; one by hours is exact.
struct CalendarEvent
{
    int line = 0;
    std::string uid;
    std::string summary;
    bool isCancelled = false;
    CalendarTiming timing;                 // an empty zone is floating
    std::optional<CalendarTime> replaces;  // RECURRENCE-ID
    CalendarLine own;                      // the property X-HEADGATE-... of it, if there is one
};

// What a property of ours begins with.
constexpr std::string_view ownProperty = "X-HEADGATE-";

// In the order of the text. Errors name the property and its line.
Result<std::vector<CalendarEvent>> calendarEvents(const std::vector<CalendarLine>& lines, const ZoneLoader& zones);

}  // namespace headgate
