#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/domain/route.h"
#include "core/domain/snapshot.h"

#include <memory>
#include <vector>

namespace headgate {

// Chooses nodes for publishers and viewers: the least loaded in-service node that fits, counting what was promised in
// the last seconds and has not shown up in a report yet. A group's capacityRankingExpression goes before that measure,
// its capacityLimitExpression fills nodes earlier, and its shuffleSizeExpression says among how many of the best one is
// drawn. Not thread-safe.
class Balancer
{
public:
    explicit Balancer(std::uint64_t seed);
    ~Balancer();

    // Errors as EngineHost::route.
    Result<std::vector<RouteTarget>> route(const Snapshot& snapshot, const RouteRequest& request, TimePoint now);

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
