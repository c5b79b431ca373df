#pragma once

#include "core/engine/step_writer.h"

#include <optional>
#include <string>

// What looks like the death of many nodes at once may be a network that does not reach them. A region that lost 30 % of
// its nodes, and at least 3, within a minute is degraded: nothing of it is ended, no pool anywhere scales in, and what
// is lost is replaced at a tenth of the pace (ReplacementBudget). Over 5 minutes after the last loss, as long as a node
// of the region is heard. If none of 3 or more nodes anywhere is heard, the control plane takes itself for isolated:
// for a minute it replaces nobody, and it ends nobody.
namespace headgate::region_breaker {

constexpr Duration window{60'000};
constexpr int fewestLost = 3;
constexpr int percentLost = 30;
constexpr Duration hold{300'000};
constexpr Duration isolationPatience{60'000};

// Opens and closes, once it is known which nodes are silent.
void advance(StepWriter& writer);

// Nodes there are kept, as it is not known whether they are dead.
bool isOpen(const EngineModel& model, const std::string& region);
// Somewhere nodes are kept: nobody leaves for want of work.
bool holdsScaleIn(const EngineModel& model);
// Until when silence counts for nobody; epoch 0 if it counts.
TimePoint patientUntil(const EngineModel& model);

// When advance() may have something to do by time alone.
std::optional<TimePoint> deadline(const EngineModel& model);

}  // namespace headgate::region_breaker
