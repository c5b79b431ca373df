#pragma once

#include "core/domain/snapshot.h"

#include <QString>

#include <optional>
#include <string>

namespace headgate {

// Where a region lies, and what people call it.
struct Place
{
    QString name;  // "Frankfurt"
    double latitude = 0;
    double longitude = 0;
};

// Of the built-in regions and those of known providers; none for others.
std::optional<Place> placeOfRegion(const std::string& region);
// Of the regions that somebody added, too.
std::optional<Place> placeOfRegion(const Snapshot& snapshot, const std::string& region);

// "Frankfurt", or the region's own name where the place is not known.
QString regionName(const std::string& region);
QString regionName(const Snapshot& snapshot, const std::string& region);

// "Frankfurt" of "Frankfurt, Germany".
QString cityOf(const Region& region);

}  // namespace headgate
