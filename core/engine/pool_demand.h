#pragma once

#include "core/domain/node_group.h"

#include <vector>

namespace headgate {

// What routing knows of one pool that its nodes have not reported.
struct PoolDemand
{
    PoolKey pool;
    int promisedViewers = 0;  // have been sent to one of its nodes lately
    int promisedPublishers = 0;
    int waitingViewers = 0;  // have been turned away lately, and are to ask again
    int waitingPublishers = 0;
    int joined = 0;  // viewers sent to its nodes since the last time

    bool operator==(const PoolDemand&) const = default;
};

// Of all pools of whom there is something to tell, sorted by key. Told each second; a pool that is missing has nothing.
struct DemandObserved
{
    std::vector<PoolDemand> pools;
};

}  // namespace headgate
