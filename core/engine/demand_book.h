#pragma once

#include "core/domain/route.h"
#include "core/domain/snapshot.h"
#include "core/engine/pool_demand.h"

#include <map>

namespace headgate {

// Who was sent to a pool's nodes, and who was turned away. Whoever is turned away counts as waiting until he is to ask
// again, and so nobody who keeps to it is counted twice.
class DemandBook
{
public:
    static constexpr Duration usualReturn{4'000};  // of those who were not told when

    struct Refusal
    {
        int askers = 1;
        TimePoint at;
        TimePoint until;  // he asks again then
    };

    void admit(const PoolKey& pool, int viewers);
    // Noted for the pool that should have had room: of those that fit best one that may grow, and has turned away the
    // fewest. `origin` is the pool of the stream's origin, null if it has none.
    void turnAway(const NodeGroupStatus& group, const RouteRequest& request, const PoolKey* origin,
                  const Refusal& refusal);

    // What is in the book, without promises; the next time `joined` counts from now on.
    std::map<PoolKey, PoolDemand> take(TimePoint now);

private:
    struct Count
    {
        int viewers = 0;
        int publishers = 0;
    };
    struct Page
    {
        std::map<TimePoint, Count> away;  // by the second in which they are to be back
        int joined = 0;
    };

    static void forget(Page& page, TimePoint now);
    int waiting(const PoolKey& pool, TimePoint now) const;
    void note(const PoolKey& pool, RoutePurpose purpose, const Refusal& refusal);

    std::map<PoolKey, Page> m_pages;
};

}  // namespace headgate
