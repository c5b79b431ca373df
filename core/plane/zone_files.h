#pragma once

#include "core/plan/zone_rules.h"

#include <string>

namespace headgate {

// Reads a zone of the machine's IANA database, /usr/share/zoneinfo or where TZDIR says. NotFound for names that are
// none, also for those that would lead out of it. Any thread.
Result<ZoneRules> loadZoneFile(const std::string& name);

}  // namespace headgate
