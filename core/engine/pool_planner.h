#pragma once

#include "core/domain/decision.h"
#include "core/engine/reconciler.h"

#include <vector>

namespace headgate::reconciler {

// The nodes of one pool by what may be done with them.
struct PoolNodes
{
    std::vector<const NodeRecord*> current;     // capacity
    std::vector<const NodeRecord*> outdated;    // capacity
    std::vector<const NodeRecord*> ahead;       // capacity, for the next configuration
    std::vector<const NodeRecord*> returnable;  // drain, and may be taken back
    std::vector<const NodeRecord*> returnableAhead;
    int unheard = 0;                     // may be returnable, once they are heard of
    int settling = 0;                    // outdated ones that drain for not longer than replacementPace
    std::optional<TimePoint> settledAt;  // when the first of them has drained for so long
};

void sortIn(PoolNodes& nodes, const NodeRecord& record, const GroupOrder& order, TimePoint now);

// What to do with them. Once it is done there is nothing more to do.
PoolPlan planPool(const PoolOrder& order, PoolNodes nodes);

// Why a node that is too many goes and not another one of its pool.
Decision whyItLeaves(const EngineModel& model, const NodeRecord& leaving);

}  // namespace headgate::reconciler
