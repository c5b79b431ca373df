#include "core/engine/areas.h"

#include "core/base/text.h"
#include "core/engine/parentage.h"
#include "core/engine/rendezvous.h"

#include <algorithm>
#include <climits>
#include <map>
#include <tuple>
#include <utility>

namespace headgate {

namespace {

constexpr std::size_t mostPages = 512;
constexpr int farAwayMs = 150;  // where nobody knows

std::size_t preferenceOf(const PoolPlaces& pool, const std::vector<std::string>& wishes)
{
    const auto it = std::ranges::find_if(wishes, [&](const std::string& wish) {
        return std::ranges::find(pool.names, lowered(wish)) != pool.names.end();
    });
    return static_cast<std::size_t>(it - wishes.begin());
}

}  // namespace

void Areas::clear()
{
    m_pages.clear();
    m_geography.reset();
}

Surroundings& Areas::of(const Viewpoint& viewpoint, const std::vector<std::string>& wishes, const Whereabouts& client)
{
    const auto originPool = viewpoint.origin ? std::optional(m_places.poolOf(*viewpoint.origin)) : std::nullopt;
    const bool hasAddress = client.isKnown();
    for (const auto& page : m_pages) {
        if (page->originPool == originPool && page->group == viewpoint.group && page->purpose == viewpoint.purpose &&
            page->hasAddress == hasAddress && page->wishes == wishes)
            return page->surroundings;
    }
    if (m_pages.size() >= mostPages)
        m_pages.clear();
    m_pages.push_back(std::make_unique<Page>(
        Page{viewpoint.purpose, viewpoint.group, originPool, wishes, hasAddress, workOut(viewpoint, wishes, client)}));
    return m_pages.back()->surroundings;
}

Surroundings Areas::workOut(const Viewpoint& viewpoint, const std::vector<std::string>& wishes,
                            const Whereabouts& client)
{
    const Snapshot& snapshot = m_places.snapshot();
    const NodeGroup& group = snapshot.nodeGroups[viewpoint.group].present();
    const auto& pools = m_places.pools();
    if (!m_geography)
        m_geography.emplace(snapshot.regions);
    const auto isKnown = [&](const std::string& wish) { return m_geography->find(wish).has_value(); };
    const auto named = std::ranges::find_if(wishes, isKnown);
    Surroundings result;
    result.isByAddress = named == wishes.end() && client.isKnown();
    result.from = m_geography->find(named == wishes.end() ? snapshot.defaultRegion : *named);
    const auto from = result.isByAddress ? std::nullopt : result.from;
    const auto originPool = viewpoint.origin ? std::optional(m_places.poolOf(*viewpoint.origin)) : std::nullopt;

    std::map<std::tuple<std::size_t, int, std::string>, Area> areas;
    for (PoolIndex i = 0; i < pools.size(); ++i) {
        const PoolPlaces& pool = pools[i];
        if (pool.group != viewpoint.group)
            continue;
        const bool isEligible =
            pool.of(viewpoint.purpose).size() > 0 && (!originPool || mayCarry(group, pool.key, pools[*originPool].key));
        const bool hasOrigin = originPool == i && !isEligible && pool.of(viewpoint.purpose).size() > 0;
        if (!isEligible && !hasOrigin)
            continue;
        const auto point = from || result.isByAddress ? m_geography->find(pool.region) : std::nullopt;
        const int roundTrip = from && point ? headgate::roundTripMs(*from, *point) : from ? farAwayMs : 0;
        const std::size_t preference = preferenceOf(pool, wishes);
        const std::string region = point || result.isByAddress ? pool.region : std::string();
        Area& area = areas[{preference, roundTrip, region}];
        area.region = region;
        area.preference = preference;
        area.roundTripMs = roundTrip;
        area.point = point;
        area.hasOrigin = area.hasOrigin || hasOrigin;
        if (isEligible)
            area.pools.push_back(i);
    }
    for (auto& [place, area] : areas) {
        describe(area, viewpoint.purpose);
        result.areas.push_back(std::move(area));
    }
    return result;
}

std::vector<int> Areas::roundTripsMs(const Surroundings& around, const Whereabouts& client)
{
    const auto from = client.point ? client.point : around.from;
    const auto guessFor = [&](const Area& area) {
        return from && area.point ? headgate::roundTripMs(*from, *area.point) : farAwayMs;
    };
    const auto measuredFor = [&](const Area& area) {
        return client.measured ? client.measured->milliseconds(area.region) : std::nullopt;
    };
    std::optional<int> toExchange;
    for (const Area& area : around.areas) {
        const auto measured = measuredFor(area);
        if (measured && from && area.point)
            toExchange = std::min(toExchange.value_or(INT_MAX), std::max(0, *measured - guessFor(area)));
    }
    std::vector<int> trips;
    for (const Area& area : around.areas)
        trips.push_back(measuredFor(area).value_or(guessFor(area) + toExchange.value_or(0)));
    return trips;
}

void Areas::describe(Area& area, RoutePurpose purpose) const
{
    std::size_t healthy = 0;
    std::size_t inService = 0;
    std::int64_t all = 0;
    for (const PoolIndex i : area.pools) {
        const PlaceList& list = m_places.pools()[i].of(purpose);
        healthy += list.healthy.size();
        inService += static_cast<std::size_t>(list.inService);
        all += std::ssize(list.healthy) + std::ssize(list.suspect);
        area.viewersPerPlace += list.viewersLimit;
        area.bitsPerPlace += list.bitsLimit;
    }
    area.viewersPerPlace = std::max<std::int64_t>(1, area.viewersPerPlace / std::max<std::int64_t>(1, all));
    area.bitsPerPlace = std::max<std::int64_t>(1, area.bitsPerPlace / std::max<std::int64_t>(1, all));
    const std::size_t unwell = inService - std::min(healthy, inService);
    area.isDegraded = unwell >= fewestUnwell && unwell * 100 >= percentUnwell * inService;
    area.isPanicking = healthy * 2 < inService;
    area.key = area.fingerprint = area.hasOrigin ? 2 : area.isPanicking ? 1 : 0;
    for (const PoolIndex i : area.pools) {
        const PoolPlaces& pool = m_places.pools()[i];
        const PlaceList& list = pool.of(purpose);
        area.places += area.isPanicking ? list.size() : list.healthy.size();
        area.key = rendezvous::draw(area.key, pool.hash);
        area.fingerprint = rendezvous::draw(area.fingerprint, list.fingerprint);
    }
    area.places += area.hasOrigin ? 1 : 0;
}

std::int64_t Areas::meanShare(const Area& area, RoutePurpose purpose) const
{
    std::int64_t shares = 0;
    std::int64_t nodes = 0;
    for (const PoolIndex i : area.pools) {
        const PlaceList& list = m_places.pools()[i].of(purpose);
        shares += list.shares;
        nodes += std::ssize(list.healthy) + std::ssize(list.suspect);
    }
    return nodes > 0 ? shares / nodes : 0;
}

std::int64_t Areas::burdenOf(const Area& area, RoutePurpose purpose, bool hasStream) const
{
    constexpr std::int64_t tolerated = 700'000;
    constexpr std::int64_t range = capacity::wholeShare - tolerated;
    const std::int64_t share = meanShare(area, purpose);
    const std::int64_t over = std::clamp<std::int64_t>(share - tolerated, 0, range);
    const std::int64_t pressure = 40 * over * over / (range * range);
    const std::int64_t full = share >= capacity::wholeShare ? 1'000'000 : 0;
    return pressure + full + (hasStream ? 0 : 15) + (area.isDegraded ? degradedBurdenMs : 0);
}

}  // namespace headgate
