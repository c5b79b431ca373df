#pragma once

#include "core/plan/plan_text.h"
#include "core/plan/zone_rules.h"

#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace headgate::testing {

// The machine's own zone files, each read once.
inline Result<ZoneRules> loadZone(const std::string& name)
{
    static std::map<std::string, Result<ZoneRules>> known;
    auto found = known.find(name);
    if (found == known.end()) {
        std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
        std::ostringstream bytes;
        bytes << file.rdbuf();
        auto zone = file ? ZoneRules::fromTzif(name, bytes.str())
                         : Result<ZoneRules>(fail(ErrorCode::NotFound, "There is no zone " + name + "."));
        found = known.emplace(name, std::move(zone)).first;
    }
    return found->second;
}

inline ZoneRules zone(const std::string& name)
{
    return loadZone(name).value();
}

inline Instant utc(const std::string& text)
{
    return instantFromText(text.size() <= 16 ? text + ":00Z" : text + "Z").value();
}

inline LocalTime local(const std::string& text)
{
    return localTimeFromText(text).value();
}

}  // namespace headgate::testing
