#pragma once

#include "core/plan/zone_rules.h"
#include "core/wire/calendar_text.h"

namespace headgate {

// A VTIMEZONE (RFC 5545 section 3.6.5) that holds from the year of `from` on: changes of the offset one by one, and by
// a rule from where they repeat each year until the end of planning.
void addTimeZone(CalendarText& calendar, const ZoneRules& zone, Instant from);

}  // namespace headgate
