#pragma once

#include "core/plan/zone_rules.h"

#include <string>

namespace headgate {

// Reads a zone of the machine's IANA database, /usr/share/zoneinfo or where TZDIR says. NotFound for names that are
// none, also for those that would lead out of it. Any thread.
Result<ZoneRules> loadZoneFile(const std::string& name);

// "Europe/Berlin" for "W. Europe Standard Time": the zone of IANA that Unicode's CLDR gives one of Windows where no
// country is known. Empty for names that Windows does not have. Any thread.
std::string ianaZoneName(const std::string& windowsName);

}  // namespace headgate
