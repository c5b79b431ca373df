#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/zone_rules.h"
#include "core/wire/plan_calendar.h"

#include <optional>
#include <string>
#include <string_view>

namespace headgate {

// Files of this size and more are refused.
constexpr std::size_t tooLargePlan = 10'000'000;

struct ImportOptions
{
    ZoneLoader zones;
    NodeGroupName calendarGroup{"calendar"};  // of the events of calendars that are not ours
    PlanDocument present = {};                // what is there already and may be referred to
    std::optional<std::string> exclusionSet =
        {};                     // then only calendars are read: their events are the days of this set
    ZoneNames ianaNameOf = {};  // for calendars; without it they name zones of IANA only
};

// A plan out of a file whose form shows in its content: native JSON (a plan, a node group, or a list of those), Stream
// Manager JSON (a NodeGroupConfig or a list of them), or iCalendar. The document keeps every rule of validate().
// InvalidArgument names the field and its line: "/schedules/0/timing/zone (line 7)".
Result<PlanDocument> planDocumentFromText(std::string_view text, const ImportOptions& options);

}  // namespace headgate
