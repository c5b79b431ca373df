#pragma once

#include "core/domain/route.h"
#include "core/domain/snapshot.h"
#include "core/engine/capacity.h"

#include <array>
#include <memory>
#include <vector>

namespace headgate {

// What routing has to know of a node, side by side.
struct NodeFacts
{
    TimePoint lastHeard;
    std::array<int, 2> sessions{};  // as it reported, by purpose
    capacity::Demand reported;
    NodeLimits limits;
    NodeHealth health = NodeHealth::Healthy;
    std::array<bool, 2> serves{};  // by purpose
    int warmthPermille = 1000;     // a new node gets a tenth of its part at first, and all of it after 30 s
};

// Worked out once for each snapshot, on any thread: whoever routes then need not read all of it at once.
struct RouteFacts
{
    SnapshotPtr snapshot;
    std::shared_ptr<const char> nodesMark;  // the same one while the nodes are the same, at the same places
    std::shared_ptr<const char> streamsMark;
    std::vector<NodeFacts> nodes;  // of the snapshot's
};

using RouteFactsPtr = std::shared_ptr<const RouteFacts>;

// `before` is that of an earlier snapshot, or null. O(nodes + streams).
RouteFactsPtr routeFactsOf(SnapshotPtr snapshot, const RouteFacts* before);

}  // namespace headgate
