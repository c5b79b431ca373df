#pragma once

#include "core/domain/client_place.h"

#include <istream>
#include <map>
#include <string>

namespace headgate {

// The first place of each country, by its two letters, in a list as zone.tab of the IANA time zones: about where its
// people are. Lines that cannot be read are left out.
std::map<std::string, GeoPosition> readCountryPlaces(std::istream& zoneTable);

// Of this machine's list; empty if it has none.
std::map<std::string, GeoPosition> countryPlaces();

}  // namespace headgate
