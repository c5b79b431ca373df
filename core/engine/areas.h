#pragma once

#include "core/engine/geography.h"
#include "core/engine/load_queue.h"
#include "core/engine/places.h"
#include "core/engine/round_trips.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headgate {

// Pools that are as near to the client as each other: those of one region, or all whose places on earth nobody knows.
struct Area
{
    std::size_t preference = 0;        // place in the wish list; its length if not in it
    int roundTripMs = 0;               // a guess, from where all are who ask with the same wishes
    std::string region;                // empty: one of those whose places nobody knows
    std::optional<SpherePoint> point;  // of the region
    std::vector<PoolIndex> pools;
    bool hasOrigin = false;    // the origin of the stream is one of its places, beside those of the pools
    bool isDegraded = false;   // so many of its nodes are unwell that new sessions rather go elsewhere
    bool isPanicking = false;  // less than half of its nodes are well: suspect ones are used as well
    std::size_t places = 0;
    std::int64_t viewersPerPlace = 1;  // that one can carry, on average; at least 1
    std::int64_t bitsPerPlace = 1;
    std::uint64_t key = 0;            // of the pools
    std::uint64_t fingerprint = 0;    // changes if a place does
    bool isFull = false;              // each place was, and nobody leaves before the next snapshot
    bool isHeldBack = false;          // likewise: is full, or takes nobody else who shows no token
    std::optional<LoadQueue> byLoad;  // of its places, once a publisher asked
};

// For whom areas are worked out.
struct Viewpoint
{
    RoutePurpose purpose = RoutePurpose::Subscribe;
    std::size_t group = 0;            // into Snapshot::nodeGroups
    std::optional<NodeIndex> origin;  // of the stream, to watch it
};

// How the nodes that fit lie for those who ask with the same wishes. A client is where the first wish that names a
// region says, else where its address says, else in the default region.
struct Surroundings
{
    bool isByAddress = false;         // the areas are not as far from all who ask
    std::optional<SpherePoint> from;  // where those are whose addresses tell nothing
    std::vector<Area> areas;          // by preference; then the nearest first, unless isByAddress
};

// What the address of a client tells.
struct Whereabouts
{
    std::optional<SpherePoint> point;
    const NetworkRoundTrips* measured = nullptr;  // null: nothing was

    bool isKnown() const { return point || measured; }
};

// The areas of one snapshot, worked out once for each viewpoint and list of wishes.
class Areas
{
public:
    explicit Areas(const Places& places) : m_places(places) {}

    // Forgets all: the snapshot is another one.
    void clear();

    // Valid until the next call of clear().
    Surroundings& of(const Viewpoint& viewpoint, const std::vector<std::string>& wishes, const Whereabouts& client);

    // Its nodes that may be chosen, in runs that lie side by side: `void visit(std::span<const Place>)`.
    template <typename Visit>
    void forEachRun(const Area& area, const Viewpoint& viewpoint, Visit visit) const
    {
        for (const PoolIndex i : area.pools) {
            const PlaceList& list = m_places.pools()[i].of(viewpoint.purpose);
            visit(std::span<const Place>(list.healthy));
            if (area.isPanicking)
                visit(std::span<const Place>(list.suspect));
        }
        if (!area.hasOrigin)
            return;
        const PlaceList& list = m_places.pools()[m_places.poolOf(*viewpoint.origin)].of(viewpoint.purpose);
        for (const std::vector<Place>* places : {&list.healthy, &list.suspect}) {
            for (const Place& place : *places) {
                if (place.node == *viewpoint.origin)
                    visit(std::span(&place, 1));
            }
        }
    }

    // Each of its nodes that may be chosen: `void visit(const Place&)`.
    template <typename Visit>
    void forEachPlace(const Area& area, const Viewpoint& viewpoint, Visit visit) const
    {
        forEachRun(area, viewpoint, [&](std::span<const Place> run) { std::ranges::for_each(run, visit); });
    }

    // As region_breaker: 30 % of the nodes, and at least 3, are not well.
    static constexpr std::size_t fewestUnwell = 3;
    static constexpr std::size_t percentUnwell = 30;
    static constexpr std::int64_t degradedBurdenMs = 100;

    // Load pressure (none below 70 %, 40 ms at full load), 15 ms for a branch that has to be made, and what a degraded
    // area adds.
    std::int64_t burdenOf(const Area& area, RoutePurpose purpose, bool hasStream) const;

    // What its places carry on average, in millionths of what they can.
    std::int64_t meanShare(const Area& area, RoutePurpose purpose) const;

    // Of a client to each of the areas, in their order: as measured, else a guess with what the way to the nearest
    // exchange seems to take.
    static std::vector<int> roundTripsMs(const Surroundings& around, const Whereabouts& client);

private:
    struct Page
    {
        RoutePurpose purpose;
        std::size_t group;
        std::optional<PoolIndex> originPool;
        std::vector<std::string> wishes;
        bool hasAddress;
        Surroundings surroundings;
    };

    Surroundings workOut(const Viewpoint& viewpoint, const std::vector<std::string>& wishes, const Whereabouts& client);
    void describe(Area& area, RoutePurpose purpose) const;

    const Places& m_places;
    std::optional<Geography> m_geography;
    std::vector<std::unique_ptr<Page>> m_pages;
};

}  // namespace headgate
