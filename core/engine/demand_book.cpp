#include "core/engine/demand_book.h"

#include "core/base/text.h"
#include "core/engine/parentage.h"
#include "core/engine/places.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>

namespace headgate {

namespace {

int sumOf(int a, int b)
{
    return static_cast<int>(std::min<std::int64_t>(std::int64_t(a) + b, std::numeric_limits<int>::max()));
}

}  // namespace

void DemandBook::admit(const PoolKey& pool, int viewers)
{
    int& joined = m_pages[pool].joined;
    joined = sumOf(joined, viewers);
}

void DemandBook::turnAway(const NodeGroupStatus& group, const RouteRequest& request, const PoolKey* origin,
                          const Refusal& refusal)
{
    const bool isPublish = request.purpose == RoutePurpose::Publish;
    const auto fits = [&](const PoolStatus& pool) {
        const Role* role = group.present().findRole(pool.key.role);
        return role && pool.max > 0 && role->can(isPublish ? Capability::Publish : Capability::Subscribe) &&
               (isPublish || (origin && mayCarry(group.present(), pool.key, *origin)));
    };
    const auto rankOf = [&](const PoolStatus& pool) {
        const auto names = placeNames(group.present(), pool.key.subgroup, pool.region);
        const auto& wishes = request.preferredSubgroups;
        const auto wish = std::ranges::find_if(
            wishes, [&](const std::string& each) { return std::ranges::count(names, lowered(each)) > 0; });
        return std::tuple(wish - wishes.begin(), pool.wanted >= pool.max, waiting(pool.key, refusal.at));
    };
    const PoolStatus* best = nullptr;
    for (const PoolStatus& pool : group.pools) {
        if (fits(pool) && (!best || rankOf(pool) < rankOf(*best)))
            best = &pool;
    }
    if (best)
        note(best->key, request.purpose, refusal);
}

void DemandBook::note(const PoolKey& pool, RoutePurpose purpose, const Refusal& refusal)
{
    Page& page = m_pages[pool];
    forget(page, refusal.at);
    Count& count = page.away[std::chrono::ceil<std::chrono::seconds>(refusal.until)];
    int& askers = purpose == RoutePurpose::Publish ? count.publishers : count.viewers;
    askers = sumOf(askers, refusal.askers);
}

// Nobody is told to come back later than that: who is to was told before the clock was set back.
void DemandBook::forget(Page& page, TimePoint now)
{
    page.away.erase(page.away.begin(), page.away.upper_bound(now));
    page.away.erase(page.away.upper_bound(now + std::chrono::minutes(1)), page.away.end());
}

int DemandBook::waiting(const PoolKey& pool, TimePoint now) const
{
    int sum = 0;
    if (const auto page = m_pages.find(pool); page != m_pages.end()) {
        for (auto it = page->second.away.upper_bound(now); it != page->second.away.end(); ++it)
            sum = sumOf(sum, sumOf(it->second.viewers, it->second.publishers));
    }
    return sum;
}

std::map<PoolKey, PoolDemand> DemandBook::take(TimePoint now)
{
    std::map<PoolKey, PoolDemand> taken;
    for (auto& [pool, page] : m_pages) {
        forget(page, now);
        PoolDemand demand;
        demand.pool = pool;
        for (const auto& [until, count] : page.away) {
            demand.waitingViewers = sumOf(demand.waitingViewers, count.viewers);
            demand.waitingPublishers = sumOf(demand.waitingPublishers, count.publishers);
        }
        demand.joined = std::exchange(page.joined, 0);
        taken.emplace(pool, demand);
    }
    std::erase_if(m_pages, [](const auto& entry) { return entry.second.away.empty(); });
    return taken;
}

}  // namespace headgate
