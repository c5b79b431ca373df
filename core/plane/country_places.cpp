#include "core/plane/country_places.h"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string_view>

namespace headgate {

namespace {

// ISO 6709: a sign, two or three digits of degrees, two of minutes and perhaps two of seconds.
std::optional<double> degreesOf(std::string_view text, std::size_t degreeDigits)
{
    const bool hasSeconds = text.size() == degreeDigits + 5;
    if (text.size() != degreeDigits + 3 && !hasSeconds)
        return std::nullopt;
    const std::string_view digits = text.substr(1);
    if (digits.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    const auto number = [&](std::size_t from, std::size_t count) {
        return std::atoi(std::string(digits.substr(from, count)).c_str());
    };
    const double degrees = number(0, degreeDigits) + number(degreeDigits, 2) / 60.0 +
                           (hasSeconds ? number(degreeDigits + 2, 2) / 3600.0 : 0);
    return text.front() == '-' ? -degrees : degrees;
}

}  // namespace

std::map<std::string, GeoPosition> readCountryPlaces(std::istream& zoneTable)
{
    std::map<std::string, GeoPosition> places;
    for (std::string line; std::getline(zoneTable, line);) {
        const auto tab = line.find('\t');
        const auto end = line.find('\t', tab + 1);
        if (line.starts_with('#') || tab != 2 || end == std::string::npos)
            continue;
        const std::string_view both = std::string_view(line).substr(tab + 1, end - tab - 1);
        const auto second = both.find_last_of("+-");
        if (second == 0 || second == std::string_view::npos)
            continue;
        const auto latitude = degreesOf(both.substr(0, second), 2);
        const auto longitude = degreesOf(both.substr(second), 3);
        if (latitude && longitude)
            places.emplace(line.substr(0, tab), GeoPosition{*latitude, *longitude});
    }
    return places;
}

std::map<std::string, GeoPosition> countryPlaces()
{
    const char* folder = std::getenv("TZDIR");
    std::ifstream file(std::string(folder ? folder : "/usr/share/zoneinfo") + "/zone.tab");
    return readCountryPlaces(file);
}

}  // namespace headgate
