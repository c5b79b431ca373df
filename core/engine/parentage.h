#pragma once

#include "core/domain/node_group.h"

namespace headgate {

// Whether nodes of pool `child` may carry a stream whose origin stands in pool `origin`: the child's role has the
// origin's role above it, directly or over relays, and a direct parent under Subgroup stands in the same subgroup.
bool mayCarry(const NodeGroup& group, const PoolKey& child, const PoolKey& origin);

// Whether nodes of pool `child` may pull from nodes of pool `parent`.
bool mayPullFrom(const Role& childRole, const PoolKey& child, const PoolKey& parent);

}  // namespace headgate
