#pragma once

#include "core/base/hash_index.h"
#include "core/base/random.h"
#include "core/engine/areas.h"
#include "core/engine/places.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace headgate {

// The nodes that viewers of one stream are sent to in one area: few, so that few nodes have to pull it, and the more
// the more viewers there are. The order of nodes is by weighted rendezvous of (stream, node), the first of them are the
// home set; those that carry a quarter more than the mean are passed over, for the next in order.
struct HomeSet
{
    std::uint64_t area = 0;
    std::uint64_t fingerprint = 0;  // of the area as it was ranked
    std::vector<NodeIndex> ranked;  // the best places, or all
    std::size_t size = 0;
    std::vector<std::uint64_t> overflow;  // hashes of members that came in place of those who were crowded
    std::optional<TimePoint> couldShrinkSince;
    // Those sent here within the last 5 to 10 s: who comes and is not reported yet, and how fast they come.
    TimePoint countedFrom;
    int sentNow = 0;
    int sentBefore = 0;
};

// What is known of one live stream.
struct StreamPlaces
{
    std::uint64_t hash = 0;        // as hashOf()
    std::uint64_t generation = 0;  // of the snapshot that the members below were read from
    std::optional<NodeIndex> origin;
    NodeHealth originHealth = NodeHealth::Dead;  // if there is one
    std::int64_t bitsPerSecond = 0;
    std::vector<std::pair<PoolIndex, int>> viewers;  // in pools that carry it
    std::vector<HomeSet> homes;                      // of the areas that were asked for

    bool isIn(const Area& area) const;
    int viewersIn(const Area& area) const;
};

// Of its path.
std::uint64_t hashOf(const StreamKey& stream);

// The name of a stream and of its group, live or not.
struct GroupStream
{
    GroupStream(const NodeGroupName& group_, const StreamKey& stream_);

    const NodeGroupName& group;
    const StreamKey& stream;
    std::uint64_t hash;  // of both
};

// One more viewer of a stream.
struct Seeker
{
    WhenFull whenFull = WhenFull::Refuse;
    Standing standing = Standing::Known;
    TimePoint now;
};

// The home sets of all live streams. A decision costs O(1) once a stream's set is known, O(nodes of the area) before.
class HomeSets
{
public:
    HomeSets(const Places& places, const Areas& areas) : m_places(places), m_areas(areas) {}

    // The snapshot that `places` follows is another one; `before` is null if its streams are the same.
    void follow(const Snapshot* before);

    // Null if it is not live in the group. O(1), as the snapshot's own search is not.
    const StreamStatus* find(const GroupStream& wanted) const;

    StreamPlaces& of(const StreamStatus& stream);

    // A node for him, of those that are not full if he is to be refused then; none if there is none.
    std::optional<NodeIndex> choose(StreamPlaces& stream, Area& area, const Seeker& seeker, Random& random);

    // How many of the first in that order are the home set now.
    std::size_t sizeOf(StreamPlaces& stream, const Area& area, TimePoint now);

    // Whether nodes of the area carry the stream, or soon will.
    bool isPresent(const StreamPlaces& stream, const Area& area) const;

    // At least `count` places of the area in the order of the stream, or all there are.
    const std::vector<NodeIndex>& ranked(StreamPlaces& stream, const Area& area, std::size_t count);

private:
    struct Overflow
    {
        std::size_t place = 0;  // in the order
        std::int64_t pressure = 0;
        bool isFull = false;
        bool isAnyHeldBack = false;  // of those that were looked at
    };

    void index();
    HomeSet& homeOf(StreamPlaces& stream, const Area& area);
    void resize(HomeSet& home, const StreamPlaces& stream, const Area& area, TimePoint now) const;
    void rank(HomeSet& home, const StreamPlaces& stream, const Area& area, std::size_t count) const;
    std::int64_t pressureOn(NodeIndex node, const StreamPlaces& stream, Standing standing) const;
    std::optional<NodeIndex> spill(HomeSet& home, StreamPlaces& stream, Area& area, std::int64_t bound,
                                   const Seeker& seeker);
    Overflow leastCrowded(const HomeSet& home, const StreamPlaces& stream, std::int64_t bound, Standing standing) const;

    const Places& m_places;
    const Areas& m_areas;
    std::uint64_t m_generation = 0;
    std::vector<StreamPlaces> m_streams;  // of the snapshot's streams
    HashIndex m_index;                    // of them
};

}  // namespace headgate
