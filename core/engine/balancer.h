#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/domain/snapshot.h"
#include "core/domain/waiting_place.h"
#include "core/engine/pool_demand.h"
#include "core/engine/route_facts.h"

#include <memory>
#include <vector>

namespace headgate {

// Chooses nodes for publishers and viewers, counting what was promised and has not shown up in a report yet. A
// publisher gets the least loaded origin of the nearest region. A viewer gets one of the home set of the stream in the
// best region, the less loaded of two that are drawn; alternates stand in other subgroups. A group's
// capacityRankingExpression goes before all that, its capacityLimitExpression fills nodes earlier, and its
// shuffleSizeExpression says among how many of the best one is drawn. Viewers who find no place wait in line, and
// nobody goes before them. Not thread-safe.
class Balancer
{
public:
    explicit Balancer(std::uint64_t seed);
    ~Balancer();

    // What is routed by from now on. O(nodes), and less after prepare().
    void follow(const RouteFactsPtr& facts);
    // Does a small part of it in advance, while all is still routed by the one before. False if more is left to do.
    bool prepare(const RouteFactsPtr& next);
    // Null before the first.
    const RouteFactsPtr& facts() const;

    // Errors as EngineHost::route.
    // A snapshot that is not that of facts() is followed first. O(1) for a viewer of a stream that was asked for
    // before.
    RouteAnswer route(const SnapshotPtr& snapshot, const RouteRequest& request, TimePoint now,
                      const RouteCaller& caller = {});

    // What route() would decide and why: by the same functions, without the draw and without a promise. Costs more than
    // a decision, O(nodes of the group). NotFound if there is no such group.
    Result<RouteExplanation> explain(const SnapshotPtr& snapshot, const RouteRequest& request, TimePoint now,
                                     const ClientPlace& client = {});

    // So many more viewers want what one was just given `node` for: how many of them go there as well, by its room. 0
    // where each has to be asked about: the group ranks by expressions or has a limit, or somebody waits.
    int admitAlike(const NodeId& node, const RouteRequest& request, int viewers, TimePoint now);

    // What was promised and refused, for the engine; to be asked each second.
    DemandObserved takeDemand(const SnapshotPtr& snapshot, TimePoint now);

    // What a node measured of the ways to its viewers: such networks go by it, and not by where they seem to be.
    void observe(const Snapshot& snapshot, const NodeId& node, const std::vector<NetworkRoundTrip>& trips,
                 TimePoint now);

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
