#pragma once

#include "core/base/result.h"
#include "core/plan/zone_rules.h"

#include <string_view>
#include <vector>

namespace headgate {

// What the standing rule at the end of a zone file ("EST5EDT,M3.2.0,M11.1.0", RFC 8536 section 3.3) says for the years
// `from` to `to`: its transitions, ascending. None for a rule without daylight saving.
struct PosixZone
{
    seconds standardOffset{0};
    std::vector<ZoneRules::Transition> transitions;
};
Result<PosixZone> expandPosixZone(std::string_view rule, int from, int to);

}  // namespace headgate
