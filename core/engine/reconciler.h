#pragma once

#include "core/engine/step_writer.h"

#include <map>
#include <optional>
#include <vector>

// Compares the nodes that pools should have with those they have.
namespace headgate::reconciler {

struct PoolPlan
{
    Pool pool;
    int wanted = 0;
    int missing = 0;
    std::vector<NodeId> surplus;  // those that lose least first: not yet in service, fewest sessions, youngest
};

struct GroupPlan
{
    std::vector<PoolPlan> pools;  // sorted by key
    std::vector<NodeId> orphans;  // nodes whose pool the group does not have (any more)
};

// What `group` would lead to, with the nodes there are. A paused group keeps what it has.
GroupPlan plan(const EngineModel& model, const NodeGroup& group);

// Starts what is missing, retires what is too much.
void advance(StepWriter& writer);

// When a held-back launch may be tried.
std::optional<TimePoint> deadline(const EngineModel& model, TimePoint now);

}  // namespace headgate::reconciler
