#pragma once

#include "core/engine/geography.h"
#include "core/engine/places.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// Pools that are as near to the client as each other: those of one region, or all whose places on earth nobody knows.
struct Area
{
    std::size_t preference = 0;  // place in the wish list; its length if not in it
    int roundTripMs = 0;         // a guess; the same for all areas if nobody knows where the client is
    std::vector<PoolIndex> pools;
    bool hasOrigin = false;    // the origin of the stream is one of its places, beside those of the pools
    bool isPanicking = false;  // less than half of its nodes are well: suspect ones are used as well
    std::size_t places = 0;
    std::int64_t viewersPerPlace = 1;  // that one can carry, on average; at least 1
    std::int64_t bitsPerPlace = 1;
    std::uint64_t key = 0;          // of the pools
    std::uint64_t fingerprint = 0;  // changes if a place does
    bool isFull = false;            // each place was, and nobody leaves before the next snapshot
};

// For whom areas are worked out.
struct Viewpoint
{
    RoutePurpose purpose = RoutePurpose::Subscribe;
    std::size_t group = 0;            // into Snapshot::nodeGroups
    std::optional<NodeIndex> origin;  // of the stream, to watch it
};

// The areas of one snapshot, worked out once for each viewpoint and list of wishes.
class Areas
{
public:
    explicit Areas(const Places& places) : m_places(places) {}

    // Forgets all: the snapshot is another one.
    void clear();

    // Nearest first: by preference, then by distance from the first wish that names a region, or from the default
    // region. Valid until the next call of clear().
    std::vector<Area>& of(const Viewpoint& viewpoint, const std::vector<std::string>& wishes);

    // Each of its nodes that may be chosen, for example `void visit(const Place&)`.
    template <typename Visit>
    void forEachPlace(const Area& area, const Viewpoint& viewpoint, Visit visit) const
    {
        for (const PoolIndex i : area.pools) {
            const PlaceList& list = m_places.pools()[i].of(viewpoint.purpose);
            std::ranges::for_each(list.healthy, visit);
            if (area.isPanicking)
                std::ranges::for_each(list.suspect, visit);
        }
        if (!area.hasOrigin)
            return;
        const PlaceList& list = m_places.pools()[m_places.poolOf(*viewpoint.origin)].of(viewpoint.purpose);
        for (const std::vector<Place>* places : {&list.healthy, &list.suspect}) {
            for (const Place& place : *places) {
                if (place.node == *viewpoint.origin)
                    visit(place);
            }
        }
    }

    // Round trip, load pressure (none below 70 %, 40 ms at full load), and 15 ms for a branch that has to be made.
    std::int64_t scoreOf(const Area& area, RoutePurpose purpose, bool hasStream) const;

    // What its places carry on average, in millionths of what they can.
    std::int64_t meanShare(const Area& area, RoutePurpose purpose) const;

private:
    struct Page
    {
        RoutePurpose purpose;
        std::size_t group;
        std::optional<PoolIndex> originPool;
        std::vector<std::string> wishes;
        std::vector<Area> areas;
    };

    std::vector<Area> workOut(const Viewpoint& viewpoint, const std::vector<std::string>& wishes);
    void describe(Area& area, RoutePurpose purpose) const;

    const Places& m_places;
    std::optional<Geography> m_geography;
    std::vector<std::unique_ptr<Page>> m_pages;
};

}  // namespace headgate
