#pragma once

#include "core/plan/zone_rules.h"
#include "core/sim/event_trace.h"
#include "core/sim/invariants.h"
#include "core/sim/run_record.h"
#include "core/sim/scenario.h"

#include <string>
#include <vector>

namespace headgate::sim {

struct SimulationOptions
{
    std::uint64_t seed = 1;
    ZoneLoader zones;
    EventTrace::Keep trace = EventTrace::Keep::Hash;
};

struct SimulationResult
{
    RunRecord record;
    std::uint64_t traceHash = 0;
    std::vector<std::string> traceLines;  // if they were to be kept
    std::vector<Violation> violations;    // the first ones
};

// The engine, run in a world of virtual time. The same scenario and seed give the same result on every machine, but for
// RunRecord::wallS, which nobody here can know. An error if the engine does not take the scenario's plan.
Result<SimulationResult> simulate(const Scenario& scenario, const SimulationOptions& options);

}  // namespace headgate::sim
