#pragma once

#include "core/plan/zone_rules.h"
#include "core/sim/event_trace.h"
#include "core/sim/invariants.h"
#include "core/sim/run_record.h"
#include "core/sim/scenario.h"

#include <functional>
#include <string>
#include <vector>

namespace headgate::sim {

struct SimulationOptions
{
    enum class Audit
    {
        Drop,
        Keep
    };

    std::uint64_t seed = 1;
    ZoneLoader zones;
    EventTrace::Keep trace = EventTrace::Keep::Hash;
    Audit audit = Audit::Drop;
    std::function<bool(double share)> progress{};  // hears what share is done, 0 to 1; false ends the run
    bool isOverWithAViolation = false;             // the rest of the run does not matter then
};

struct SimulationResult
{
    RunRecord record;
    std::uint64_t traceHash = 0;
    std::vector<std::string> traceLines;  // if they were to be kept
    std::vector<Violation> violations;    // the first ones
    std::vector<AuditRecord> audit;       // if it was to be kept
};

// The engine, run in a world of virtual time. The same scenario and seed give the same result on every machine, but for
// RunRecord::wallS, which nobody here can know. An error if the engine does not take the scenario's plan, Unavailable
// if it was ended.
Result<SimulationResult> simulate(const Scenario& scenario, const SimulationOptions& options);

}  // namespace headgate::sim
