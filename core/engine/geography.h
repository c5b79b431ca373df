#pragma once

#include "core/domain/client_place.h"
#include "core/domain/region.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// On a sphere with a radius of 2^14. Integers only: the same on every machine.
struct SpherePoint
{
    std::int64_t x = 0;
    std::int64_t y = 0;
    std::int64_t z = 0;

    static SpherePoint of(const GeoPosition& position);
};

// A guess at the round trip between two places: 1.5 ms for each 100 km along the great circle, to 30 km or so.
int roundTripMs(const SpherePoint& a, const SpherePoint& b);

// Where the regions of a snapshot lie.
class Geography
{
public:
    explicit Geography(const std::vector<RegionStatus>& regions);

    // None if the region is not known.
    std::optional<SpherePoint> find(const std::string& region) const;

private:
    struct Place
    {
        std::string name;  // lower case
        SpherePoint point;
    };

    std::vector<Place> m_places;
};

}  // namespace headgate
