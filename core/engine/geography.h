#pragma once

#include "core/domain/region.h"

#include <optional>
#include <string>
#include <vector>

namespace headgate {

// Where the regions of a snapshot lie. Integers only: the same on every machine.
class Geography
{
public:
    explicit Geography(const std::vector<RegionStatus>& regions);

    bool knows(const std::string& region) const { return find(region) != nullptr; }

    // A guess at the round trip between two regions: 1.5 ms for each 100 km along the great circle, to 30 km or so.
    // None if either is not known.
    std::optional<int> roundTripMs(const std::string& from, const std::string& to) const;

private:
    // On a sphere with a radius of 2^14.
    struct Position
    {
        std::string name;  // lower case
        std::int64_t x = 0;
        std::int64_t y = 0;
        std::int64_t z = 0;
    };

    const Position* find(const std::string& region) const;

    std::vector<Position> m_positions;
};

}  // namespace headgate
