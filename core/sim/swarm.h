#pragma once

#include "core/sim/simulation.h"

#include <optional>

namespace headgate::sim {

// The scenario with other faults: of some kinds, drawn by the seed, some each. So each seed tries another mixture.
Scenario withDrawnFaults(Scenario scenario, std::uint64_t seed);

// The shortest run found in which the same invariant is broken: the time after it and faults and traffic that it does
// not need are left out.
struct ShortestRun
{
    Scenario scenario;
    Violation violation;
    std::vector<std::string> lastLines;  // of the trace
};
ShortestRun shrink(const Scenario& scenario, const SimulationOptions& options, const Violation& violation);

// "Seed 7 of S6 breaks ...", with what is left of the scenario, for a person.
std::string describe(const ShortestRun& run, std::uint64_t seed);

}  // namespace headgate::sim
