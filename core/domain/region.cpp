#include "core/domain/region.h"

#include <algorithm>
#include <array>

namespace headgate {

std::span<const Region> builtInRegions()
{
    // Positions of the cities, to a tenth of a degree.
    static const std::array<Region, 10> regions{{
        {"australia-east", "Sydney, New South Wales", -33.9, 151.2},
        {"brazil-south", "São Paulo, Brazil", -23.5, -46.6},
        {"canada-east", "Toronto, Ontario", 43.7, -79.4},
        {"europe-central", "Frankfurt, Germany", 50.1, 8.7},
        {"europe-west", "London, United Kingdom", 51.5, -0.1},
        {"mexico-central", "Querétaro, Mexico", 20.6, -100.4},
        {"middle-east-west", "Jeddah, Saudi Arabia", 21.5, 39.2},
        {"singapore", "Singapore", 1.3, 103.8},
        {"us-east", "Ashburn, Virginia", 39.0, -77.5},
        {"us-west", "San Jose, California", 37.3, -121.9},
    }};
    return regions;
}

std::vector<Error> validate(const Region& region)
{
    std::vector<Error> errors;
    const auto wrong = [&](const char* pointer, std::string message) {
        errors.push_back({ErrorCode::InvalidArgument, std::move(message), {}, pointer});
    };
    const auto isNameCharacter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (region.name.empty() || region.name.size() > 64 || !std::ranges::all_of(region.name, isNameCharacter))
        wrong("/name", "A region's name has 1 to 64 characters of a-z, 0-9 and '-'.");
    if (region.title.empty() || region.title.size() > 100)
        wrong("/title", "A region's title has 1 to 100 characters.");
    if (!(region.latitude >= -90 && region.latitude <= 90))
        wrong("/latitude", "A latitude is between -90 and 90 degrees.");
    if (!(region.longitude >= -180 && region.longitude <= 180))
        wrong("/longitude", "A longitude is between -180 and 180 degrees.");
    return errors;
}

}  // namespace headgate
