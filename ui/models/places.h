#pragma once

#include <QString>

#include <optional>
#include <string>

namespace headgate {

// Where a region of a known provider lies, and what people call it.
struct Place
{
    QString name;  // "Frankfurt"
    double latitude = 0;
    double longitude = 0;
};

// None for regions of no known provider.
std::optional<Place> placeOfRegion(const std::string& region);

// "Frankfurt", or the region's own name where the place is not known.
QString regionName(const std::string& region);

}  // namespace headgate
