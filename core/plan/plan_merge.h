#pragma once

#include "core/domain/plan_document.h"
#include "core/domain/snapshot.h"
#include "core/plan/preview.h"

namespace headgate {

// All that is stored as one document, node groups included; a draft, if there is one, in the place of what is stored
// under its key.
PlanDocument toDocument(const StoredPlan& plan, const Snapshot& snapshot, const PlanItem* draft = nullptr);

// What is there after `changes` are imported: each thing takes the place of that of the same name.
PlanDocument merged(const PlanDocument& base, const PlanDocument& changes);

// So long before its floor rises the pool's nodes are ordered; of a whole group, without a role, the longest.
seconds orderedAhead(const PoolKey& pool, const Snapshot& snapshot);

// What previews of the group's plan go by besides the plan: when, how long ahead nodes are ordered, what is live.
PlanFacts factsAbout(const NodeGroupName& group, const Snapshot& snapshot);

}  // namespace headgate
