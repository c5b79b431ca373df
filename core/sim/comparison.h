#pragma once

#include "core/sim/simulation.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

// One scenario, several policies.
namespace headgate::sim {

struct PolicyFigures
{
    std::string policy;  // "headgate" first, then the baselines
    Metrics metrics;
};

// A figure of ours that is above what the scenario allows.
struct Unmet
{
    std::string figure;
    double atMost = 0;
    double was = 0;
};

struct Comparison
{
    std::string scenario;
    std::string title;
    std::uint64_t seed = 1;
    std::uint64_t traceHash = 0;
    std::vector<PolicyFigures> policies;
    std::vector<Unmet> unmet;
    std::vector<Violation> violations;
};

// What the run gave, and what the baselines do with its demand.
Comparison compare(const Scenario& scenario, std::uint64_t seed, const SimulationResult& result);

nlohmann::json toJson(const Comparison& comparison);

// Runs of one scenario with several seeds, as rows of a table in Markdown: of every figure that which 95 of 100 runs do
// not exceed. `runs` is not empty.
std::string markdownHead();
std::string markdownRows(const Scenario& scenario, const std::vector<Comparison>& runs);

}  // namespace headgate::sim
