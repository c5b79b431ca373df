#pragma once

#include "core/domain/snapshot.h"
#include "ui/widgets/route_tree.h"

#include <vector>

namespace headgate {

// The way of one stream as the route tree shows it: publisher, origin, then each carrying node below its parent. A
// node whose parent is not known hangs below the origin. Keys are node ids.
std::vector<RouteHop> routeHops(const StreamStatus& stream, const Snapshot& snapshot);

}  // namespace headgate
