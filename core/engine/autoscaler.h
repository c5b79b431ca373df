#pragma once

#include "core/engine/load_policy.h"
#include "core/engine/pool_demand.h"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace headgate {

struct EngineModel;
struct NodeRecord;
struct PoolOrder;
class StepWriter;

using PoolPolicy = std::variant<ScalePolicy, LoadPolicy>;

// What is remembered of the pools that scale. Not stored: after a restart or a pause a pool keeps the nodes it has
// until its policy lets them go.
struct Autoscaling
{
    std::map<PoolKey, PoolPolicy> policies;
    std::optional<TimePoint> nextAt;       // when policies decide
    std::map<PoolKey, PoolDemand> demand;  // as told last; `joined` since the last decision
    TimePoint demandAt;                    // when it was told
};

// Follows what scale rules say, expressions or the offered load, on top of the plan.
namespace autoscaler {

constexpr Duration period{4'000};     // as Stream Manager 2.0
constexpr Duration freshness{3'500};  // figures of three heartbeats ago are not acted upon

bool isFresh(const NodeRecord& record, TimePoint now);

void observe(EngineModel& model, const DemandObserved& demand, TimePoint now);

// Decides what is due. After plan_book::refresh(), before reconciler::advance().
void advance(StepWriter& writer);

// The order with what its policy wants beyond it, inside its bounds, and why as the last reason.
PoolOrder scaled(const EngineModel& model, PoolOrder order);

// What keeps a pool from following its policy, as the end of a sentence with its full stop; empty if nothing
// does.
std::string obstacleOf(const EngineModel& model, const PoolKey& pool);

std::optional<TimePoint> deadline(const EngineModel& model);

// Which expressions of the group have no value, as they name metrics that nodes do not tell: sentences, five at most.
std::vector<std::string> expressionsInVain(const NodeGroup& group);

}  // namespace autoscaler

}  // namespace headgate
