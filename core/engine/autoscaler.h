#pragma once

#include "core/engine/scale_policy.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

struct EngineModel;
struct PoolOrder;
class StepWriter;

// What is remembered of the pools that scale by expressions. Not stored: after a restart or a pause a pool keeps the
// nodes it has until its inExpression lets them go.
struct Autoscaling
{
    std::map<PoolKey, ScalePolicy> policies;
    std::optional<TimePoint> nextAt;  // when expressions are evaluated
};

// Follows the expressions of scale rules on top of the plan.
namespace autoscaler {

constexpr Duration period{4'000};     // as Stream Manager 2.0
constexpr Duration freshness{3'500};  // figures of three heartbeats ago are not acted upon

// Evaluates what is due. After plan_book::refresh(), before reconciler::advance().
void advance(StepWriter& writer);

// The order with what the expressions want beyond it, inside its bounds, and why as the last reason.
PoolOrder scaled(const EngineModel& model, PoolOrder order);

// What keeps a pool from following its expressions, as the end of a sentence with its full stop; empty if nothing
// does.
std::string obstacleOf(const EngineModel& model, const PoolKey& pool);

std::optional<TimePoint> deadline(const EngineModel& model);

// Which expressions of the group have no value, as they name metrics that nodes do not tell: sentences, five at most.
std::vector<std::string> expressionsInVain(const NodeGroup& group);

}  // namespace autoscaler

}  // namespace headgate
