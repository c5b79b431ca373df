#include "core/engine/home_sets.h"

#include "core/engine/rendezvous.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

namespace headgate {

namespace {

constexpr std::size_t fewestRanked = 16;
constexpr Duration countingTime{5'000};
constexpr Duration shrinkAfter{120'000};
constexpr int safeAlone = 50;  // from so many viewers on, two nodes carry a stream

// Nobody is crowded below it, and one pull more costs more than a node that is a little fuller.
constexpr std::int64_t neverCrowded = 300'000;

// The pressure of a node that nothing more is promised on to such a viewer.
constexpr std::int64_t heldBack = INT64_MAX;

struct Rank
{
    std::uint64_t cost = 0;
    std::uint64_t inverseWeight = 0;
    std::uint64_t draw = 0;
    NodeIndex node = 0;

    bool operator<(const Rank& other) const
    {
        return std::tie(cost, other.draw, node) < std::tie(other.cost, draw, other.node);
    }
};

// Keeps the best of those it is shown.
class Podium
{
public:
    Podium(std::uint64_t stream, std::size_t steps) : m_stream(stream), m_steps(steps) { m_ranks.reserve(steps); }

    void show(std::span<const Place> places)
    {
        for (; m_ranks.size() < m_steps && !places.empty(); places = places.subspan(1))
            show(places.front());
        for (; places.size() >= width; places = places.subspan(width)) {
            if (mayBeBetter(places.first<width>()))
                std::ranges::for_each(places.first<width>(), [this](const Place& place) { show(place); });
        }
        std::ranges::for_each(places, [this](const Place& place) { show(place); });
    }

    std::vector<NodeIndex> nodes()
    {
        std::ranges::sort(m_ranks, std::less<>());
        std::vector<NodeIndex> nodes;
        for (const Rank& rank : m_ranks)
            nodes.push_back(rank.node);
        return nodes;
    }

private:
    static constexpr std::size_t width = 8;

    // Most often none of so many is good enough. Of one weight the higher draw wins, which needs no logarithm; and
    // without a branch for each the processor works on several at once.
    bool mayBeBetter(std::span<const Place, width> places) const
    {
        const Rank& worst = m_ranks.front();
        unsigned mayBe = 0;
        for (const Place& place : places)
            mayBe |= static_cast<unsigned>(place.inverseWeight != worst.inverseWeight) |
                     static_cast<unsigned>(rendezvous::draw(m_stream, place.hash) >= worst.draw);
        return mayBe != 0;
    }

    void show(const Place& place)
    {
        const std::uint64_t draw = rendezvous::draw(m_stream, place.hash);
        const Rank rank{rendezvous::costOf(draw, place.inverseWeight), place.inverseWeight, draw, place.node};
        if (m_ranks.size() < m_steps) {
            m_ranks.push_back(rank);
            std::ranges::push_heap(m_ranks, std::less<>());
        } else if (rank < m_ranks.front()) {
            std::ranges::pop_heap(m_ranks, std::less<>());
            m_ranks.back() = rank;
            std::ranges::push_heap(m_ranks, std::less<>());
        }
    }

    std::uint64_t m_stream;
    std::size_t m_steps;
    std::vector<Rank> m_ranks;  // a heap with the worst in front
};

bool isSame(const StreamStatus& a, const StreamStatus& b)
{
    return a.nodeGroup == b.nodeGroup && a.ingest.key == b.ingest.key;
}

}  // namespace

std::uint64_t hashOf(const StreamKey& stream)
{
    return rendezvous::hashOfPath(stream.scope, stream.name);
}

GroupStream::GroupStream(const NodeGroupName& group_, const StreamKey& stream_)
    : group(group_), stream(stream_), hash(rendezvous::draw(rendezvous::hashOf(group.value), hashOf(stream)))
{}

bool StreamPlaces::isIn(const Area& area) const
{
    return area.hasOrigin || std::ranges::any_of(viewers, [&](const auto& pool) {
               return std::ranges::find(area.pools, pool.first) != area.pools.end();
           });
}

int StreamPlaces::viewersIn(const Area& area) const
{
    int sum = 0;
    for (const auto& [pool, count] : viewers)
        sum += std::ranges::find(area.pools, pool) != area.pools.end() ? count : 0;
    return sum;
}

void HomeSets::follow(const Snapshot* before)
{
    ++m_generation;
    if (!before)
        return;
    const auto& streams = m_places.snapshot().streams;
    std::vector<StreamPlaces> present(streams.size());
    std::size_t old = 0;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        const auto isEarlier = [&](const StreamStatus& a, const StreamStatus& b) {
            return std::tie(a.nodeGroup, a.ingest.key) < std::tie(b.nodeGroup, b.ingest.key);
        };
        while (old < m_streams.size() && isEarlier(before->streams[old], streams[i]))
            ++old;
        if (old < m_streams.size() && isSame(before->streams[old], streams[i]))
            present[i] = std::move(m_streams[old++]);
        else
            present[i].hash = hashOf(streams[i].ingest.key);
    }
    m_streams = std::move(present);
    index();
}

void HomeSets::index()
{
    const auto& streams = m_places.snapshot().streams;
    m_index.reset(m_streams.size());
    std::uint64_t group = 0;
    for (std::uint32_t i = 0; i < m_streams.size(); ++i) {
        if (i == 0 || streams[i].nodeGroup != streams[i - 1].nodeGroup)
            group = rendezvous::hashOf(streams[i].nodeGroup.value);
        m_index.add(rendezvous::draw(group, m_streams[i].hash), i);
    }
}

const StreamStatus* HomeSets::find(const GroupStream& wanted) const
{
    const auto& streams = m_places.snapshot().streams;
    const auto place = m_index.find(wanted.hash, [&](std::uint32_t i) {
        __builtin_prefetch(&m_streams[i]);  // what of() needs next
        __builtin_prefetch(&m_streams[i].homes);
        __builtin_prefetch(&streams[i].nodeGroup);
        return streams[i].ingest.key == wanted.stream && streams[i].nodeGroup == wanted.group;
    });
    return place ? &streams[*place] : nullptr;
}

StreamPlaces& HomeSets::of(const StreamStatus& stream)
{
    const Snapshot& snapshot = m_places.snapshot();
    StreamPlaces& places = m_streams[static_cast<std::size_t>(&stream - snapshot.streams.data())];
    for (const HomeSet& home : places.homes) {
        for (std::size_t i = 0; i < std::min<std::size_t>({home.size, home.ranked.size(), 2}); ++i)
            m_places.prefetch(home.ranked[i]);
    }
    if (places.generation == m_generation)
        return places;
    places.generation = m_generation;
    places.bitsPerSecond = stream.ingest.bitsPerSecond;
    places.viewers.clear();
    const auto add = [&](const NodeStatus& node, int viewers) {
        const PoolIndex pool = m_places.poolOf(m_places.indexOf(node));
        const auto it = std::ranges::find(places.viewers, pool, &std::pair<PoolIndex, int>::first);
        if (it == places.viewers.end())
            places.viewers.emplace_back(pool, viewers);
        else
            it->second += viewers;
    };
    places.origin = m_places.find(stream.origin, places.origin.value_or(0));
    places.originHealth = places.origin ? m_places.healthOf(*places.origin) : NodeHealth::Dead;
    if (places.origin)
        add(m_places.status(*places.origin), stream.ingest.viewers);
    for (const StreamHop& hop : stream.hops) {
        if (const NodeStatus* node = snapshot.findNode(hop.node))
            add(*node, hop.viewers);
    }
    return places;
}

HomeSet& HomeSets::homeOf(StreamPlaces& stream, const Area& area)
{
    const auto it = std::ranges::find(stream.homes, area.key, &HomeSet::area);
    if (it != stream.homes.end())
        return *it;
    // Wishes of many kinds divide the pools in many ways.
    constexpr std::size_t mostAreas = 64;
    if (stream.homes.size() >= mostAreas)
        stream.homes.erase(stream.homes.begin());
    stream.homes.emplace_back().area = area.key;
    return stream.homes.back();
}

void HomeSets::rank(HomeSet& home, const StreamPlaces& stream, const Area& area, std::size_t count) const
{
    Podium podium(stream.hash, std::max(count, fewestRanked));
    m_areas.forEachRun(area, {RoutePurpose::Subscribe, 0, stream.origin},
                       [&](std::span<const Place> places) { podium.show(places); });
    home.ranked = podium.nodes();
    home.fingerprint = area.fingerprint;
    home.size = std::min(home.size, home.ranked.size());
    // Members that came in place of crowded ones stay: those may be as crowded as before.
    for (const std::uint64_t hash : home.overflow) {
        const auto isMember = [&](NodeIndex node) { return m_places.hashOf(node) == hash; };
        const auto member = std::ranges::find_if(home.ranked, isMember);
        if (member != home.ranked.end())
            std::rotate(home.ranked.begin(), member, member + 1);
    }
}

const std::vector<NodeIndex>& HomeSets::ranked(StreamPlaces& stream, const Area& area, std::size_t count)
{
    HomeSet& home = homeOf(stream, area);
    const bool isShort = home.ranked.size() < std::min(count, area.places);
    if (home.ranked.empty() || home.fingerprint != area.fingerprint || isShort)
        rank(home, stream, area, std::max(count, 2 * home.size));
    return home.ranked;
}

std::size_t HomeSets::sizeOf(StreamPlaces& stream, const Area& area, TimePoint now)
{
    HomeSet& home = homeOf(stream, area);
    resize(home, stream, area, now);
    return std::min(std::max<std::size_t>(home.size, 1), area.places);
}

// As many as carry the viewers at three fifths of what they can, with those who come in the next 10 s.
void HomeSets::resize(HomeSet& home, const StreamPlaces& stream, const Area& area, TimePoint now) const
{
    if (now < home.countedFrom || now >= home.countedFrom + countingTime) {
        const bool isLongAgo = now < home.countedFrom || now >= home.countedFrom + 2 * countingTime;
        home.sentBefore = isLongAgo ? 0 : home.sentNow;
        home.sentNow = 0;
        home.countedFrom = now;
    }
    const std::int64_t expected = stream.viewersIn(area) + std::int64_t{2} * (home.sentNow + home.sentBefore);
    const std::int64_t byBits = area.bitsPerPlace / std::max<std::int64_t>(1, stream.bitsPerSecond);
    const std::int64_t perNode = std::max<std::int64_t>(1, std::min(area.viewersPerPlace, byBits) * 3 / 5);
    const std::size_t fewest = expected < safeAlone ? 1 : 2;
    const std::size_t wanted = std::clamp<std::size_t>(static_cast<std::size_t>((expected + perNode - 1) / perNode),
                                                       std::min(fewest, area.places), area.places);
    if (wanted >= home.size) {
        home.size = wanted;
        home.couldShrinkSince.reset();
    } else if (!home.couldShrinkSince) {
        home.couldShrinkSince = now;
    } else if (now - *home.couldShrinkSince >= shrinkAfter) {
        home.size = wanted;
        home.overflow.clear();
    }
}

std::int64_t HomeSets::pressureOn(NodeIndex node, const StreamPlaces& stream, Standing standing) const
{
    if (m_places.isHeldBack(node, {RoutePurpose::Subscribe, stream.bitsPerSecond, standing}))
        return heldBack;
    return m_places.pressureWith(node, RoutePurpose::Subscribe, stream.bitsPerSecond);
}

std::optional<NodeIndex> HomeSets::choose(StreamPlaces& stream, Area& area, const Seeker& seeker, Random& random)
{
    const bool isRefused = (area.isFull && seeker.whenFull == WhenFull::Refuse) ||
                           (area.isHeldBack && seeker.standing == Standing::Tokenless);
    if (area.places == 0 || isRefused)
        return std::nullopt;
    HomeSet& home = homeOf(stream, area);
    resize(home, stream, area, seeker.now);
    const std::vector<NodeIndex>& order = ranked(stream, area, home.size);
    if (order.empty())
        return std::nullopt;
    home.size = std::min(std::max<std::size_t>(home.size, 1), order.size());
    const auto pressureOf = [&](std::size_t place) { return pressureOn(order[place], stream, seeker.standing); };
    std::size_t best = static_cast<std::size_t>(random.below(home.size));
    std::int64_t pressure = pressureOf(best);
    if (home.size > 1) {
        auto other = static_cast<std::size_t>(random.below(home.size - 1));
        other += other >= best ? 1 : 0;
        const std::int64_t ofOther = pressureOf(other);
        if (std::tie(ofOther, other) < std::tie(pressure, best))
            std::tie(best, pressure) = std::tie(other, ofOther);
    }
    const std::int64_t crowded = m_areas.meanShare(area, RoutePurpose::Subscribe) * 5 / 4;
    const std::int64_t bound = std::clamp(crowded, neverCrowded, capacity::wholeShare);
    const bool isGood =
        pressure <= bound || (area.isFull && seeker.whenFull == WhenFull::Accept && pressure != heldBack);
    const auto chosen = isGood ? std::optional(order[best]) : spill(home, stream, area, bound, seeker);
    home.sentNow += chosen ? 1 : 0;
    return chosen;
}

// The first in the order that is not crowded joins the home set, so that it is found at once the next time.
std::optional<NodeIndex> HomeSets::spill(HomeSet& home, StreamPlaces& stream, Area& area, std::int64_t bound,
                                         const Seeker& seeker)
{
    Overflow best = leastCrowded(home, stream, bound, seeker.standing);
    if (best.pressure > bound && home.ranked.size() < area.places) {
        rank(home, stream, area, area.places);
        best = leastCrowded(home, stream, bound, seeker.standing);
    }
    const NodeIndex chosen = home.ranked[best.place];
    if (best.isFull && best.isAnyHeldBack) {
        area.isHeldBack = true;
        return std::nullopt;
    }
    if (best.isFull) {
        area.isFull = true;
        home.size = home.ranked.size();
        return seeker.whenFull == WhenFull::Accept ? std::optional(chosen) : std::nullopt;
    }
    if (best.place >= home.size) {
        std::swap(home.ranked[best.place], home.ranked[home.size++]);
        home.overflow.push_back(m_places.hashOf(chosen));
    }
    return chosen;
}

// The first below the bound, else the one with most left.
HomeSets::Overflow HomeSets::leastCrowded(const HomeSet& home, const StreamPlaces& stream, std::int64_t bound,
                                          Standing standing) const
{
    Overflow best;
    bool isAnyHeldBack = false;
    for (std::size_t place = 0; place < home.ranked.size(); ++place) {
        const NodeIndex node = home.ranked[place];
        const std::int64_t pressure = pressureOn(node, stream, standing);
        isAnyHeldBack = isAnyHeldBack || pressure == heldBack;
        const bool isFull = pressure == heldBack || m_places.shareWith(node, RoutePurpose::Subscribe,
                                                                       stream.bitsPerSecond) > capacity::wholeShare;
        if (place == 0 || std::tie(isFull, pressure) < std::tie(best.isFull, best.pressure))
            best = {place, pressure, isFull, false};
        if (pressure <= bound)
            break;
    }
    best.isAnyHeldBack = isAnyHeldBack;
    return best;
}

bool HomeSets::isPresent(const StreamPlaces& stream, const Area& area) const
{
    if (stream.isIn(area))
        return true;
    const auto home = std::ranges::find(stream.homes, area.key, &HomeSet::area);
    return home != stream.homes.end() && home->sentNow + home->sentBefore > 0;
}

}  // namespace headgate
