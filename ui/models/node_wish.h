#pragma once

#include "core/domain/route.h"
#include "core/domain/snapshot.h"

#include <QString>

#include <vector>

namespace headgate {

// Which node one wants to publish to or to watch from: any, any of a region, or a certain one.
struct NodeWish
{
    std::string region;
    NodeId node;

    bool operator==(const NodeWish&) const = default;
};

struct NodeWishChoice
{
    QString name;  // "Frankfurt", "bEdgeFra01, Frankfurt"
    NodeWish wish;

    bool operator==(const NodeWishChoice&) const = default;
};

// "Any region", then the regions, then the nodes that take publishers or viewers of the group at present.
std::vector<NodeWishChoice> nodeWishes(const Snapshot& snapshot, const NodeGroupName& group, RoutePurpose purpose);

// The node to publish to or to watch from; null if there is none. `present` stays as long as it serves, since an
// address must not change while somebody copies it; else it is the one with the fewest sessions, of equal ones the
// first by id.
const NodeStatus* nodeFor(const Snapshot& snapshot, const NodeGroupName& group, RoutePurpose purpose,
                          const NodeWish& wish, const NodeId& present);

}  // namespace headgate
