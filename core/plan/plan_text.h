#pragma once

#include "core/base/result.h"
#include "core/domain/calendar.h"
#include "core/plan/zone_rules.h"

#include <optional>
#include <string>
#include <string_view>

// Times as text. Years are 1970 to 2199; anything else is not taken.
namespace headgate {

// "20271231" and "20271231T200000" (RFC 5545).
std::optional<LocalDay> basicDay(std::string_view text);
std::optional<LocalTime> basicLocalTime(std::string_view text);
std::string basicText(LocalDay day);
std::string basicText(LocalTime time);

// "2027-12-31T20:00:00", the seconds may be left out. InvalidArgument names the text.
Result<LocalTime> localTimeFromText(std::string_view text);
std::string toText(LocalTime time);

// "20:00" or "20:00:30", up to "24:00".
Result<seconds> clockFromText(std::string_view text);
std::string clockText(seconds sinceMidnight);

// RFC 3339 with "Z" or an offset; fractions of a second are cut off.
Result<Instant> instantFromText(std::string_view text);

// "2027-12-31T20:00:00+01:00", the offset of the zone at that instant; "Z" for UTC.
std::string toText(Instant t, const ZoneRules& zone);

}  // namespace headgate
