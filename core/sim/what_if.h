#pragma once

#include "core/plan/what_if.h"
#include "core/plan/zone_rules.h"
#include "core/sim/scenario.h"

namespace headgate::sim {

// The world that the question is about. InvalidArgument names what is wrong with it.
Result<Scenario> scenarioOf(const WhatIfQuestion& question);

// Simulates it in cohorts, with one seed, beside the baselines. Errors of scenarioOf(), those of a plan that the engine
// does not take, and Unavailable if `progress` ended it.
Result<WhatIfAnswer> runWhatIf(const WhatIfQuestion& question, const ZoneLoader& zones, const WhatIfProgress& progress);

}  // namespace headgate::sim
