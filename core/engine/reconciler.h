#pragma once

#include "core/engine/step_writer.h"

#include <map>
#include <optional>
#include <vector>

// Compares the nodes that pools should have with those they have. A node is outdated if it runs from another image or
// with other capabilities than its role has now, or was made before its deployment was restarted; then a node is
// started in its place, or taken back, and drains it when that is in service. Nodes that the next configuration wants
// are not, and are there beside the others until it holds.
namespace headgate::reconciler {

// How long a node that is drained for another one counts as being replaced, if it is not gone before.
constexpr Duration replacementPace{60'000};

struct PoolPlan : PoolOrder
{
    bool isScaled = false;  // by its expressions, beyond the plan; the last reason says why
    int missing = 0;
    int missingAhead = 0;                 // as the next configuration wants them
    int successors = 0;                   // of `missing`, to take places of outdated nodes
    int outdated = 0;                     // that count as capacity
    int atOnce = 0;                       // of them are replaced at the same time
    std::vector<NodeId> promoted;         // that stood by, and serve
    std::vector<NodeId> returning;        // that drain and are taken back
    std::vector<NodeId> surplus;          // those that lose least first: not yet in service, fewest sessions, youngest
    std::vector<NodeId> replaced;         // outdated ones whose places are taken; none of them is in surplus
    std::optional<TimePoint> pacedUntil;  // when more may be replaced
};

struct GroupPlan
{
    std::vector<PoolPlan> pools;  // sorted by key
    std::vector<NodeId> orphans;  // nodes whose pool the group does not have (any more)
};

// What an order leads to, with the nodes there are. A paused group keeps what it has, pools that it lost among it,
// unless it is stopped.
GroupPlan plan(const EngineModel& model, const GroupOrder& order, TimePoint now);

// Takes back and starts what is missing, retires what is too much. After plan_book::refresh().
void advance(StepWriter& writer);

// When a held-back launch or replacement may be tried.
std::optional<TimePoint> deadline(const EngineModel& model);

bool isOutdated(const GroupOrder& order, const Node& node);

// The node is as the next configuration wants it, and not as the present one does.
bool isAhead(const GroupOrder& order, const Node& node);

// Whose image and role the node is started with; null if its group is gone.
const NodeGroup* groupToLaunch(const EngineModel& model, const Node& node);

}  // namespace headgate::reconciler
