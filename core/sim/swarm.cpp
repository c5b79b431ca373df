#include "core/sim/swarm.h"

#include "core/sim/chance.h"

#include <algorithm>

namespace headgate::sim {

namespace {

constexpr std::size_t mostLines = 20;

// None if the invariant holds in this run.
std::optional<Violation> findViolation(const Scenario& scenario, const SimulationOptions& options,
                                       const std::string& invariant)
{
    const auto result = simulate(scenario, options);
    if (!result)
        return std::nullopt;
    const auto found = std::ranges::find(result->violations, invariant, &Violation::invariant);
    return found != result->violations.end() ? std::optional(*found) : std::nullopt;
}

void endAt(Scenario& scenario, TimePoint at)
{
    const auto lasted = std::chrono::ceil<seconds>(at - scenario.start).count() + 1;
    scenario.durationS = static_cast<int>(std::clamp<std::int64_t>(lasted, 1, scenario.durationS));
}

// Leaves out one part after another, as long as the invariant breaks without it.
template <typename Part>
void leaveOut(ShortestRun& run, std::vector<Part> Scenario::*parts, std::size_t fewest,
              const SimulationOptions& options)
{
    for (std::size_t i = (run.scenario.*parts).size(); i-- > 0 && (run.scenario.*parts).size() > fewest;) {
        Scenario smaller = run.scenario;
        (smaller.*parts).erase((smaller.*parts).begin() + static_cast<std::ptrdiff_t>(i));
        const auto violation = findViolation(smaller, options, run.violation.invariant);
        if (!violation)
            continue;
        run.violation = *violation;
        run.scenario = std::move(smaller);
        endAt(run.scenario, violation->at);
    }
}

}  // namespace

Scenario withDrawnFaults(Scenario scenario, std::uint64_t seed)
{
    Random random(seed * 7'919 + 17);
    scenario.faults.clear();
    const auto& places = scenario.group().subgroups;
    for (std::size_t kind = 0; kind < wordsOf(FaultKind{}).size(); ++kind) {
        if (!isDrawn(random, 50))
            continue;
        const int times = 1 + static_cast<int>(random.below(3));
        for (int i = 0; i < times; ++i) {
            Fault fault;
            fault.kind = static_cast<FaultKind>(kind);
            // The last third is for the world to settle in.
            fault.atS = static_cast<int>(random.below(static_cast<std::uint64_t>(scenario.durationS) * 2 / 3 + 1));
            fault.forS = 5 + static_cast<int>(random.below(120));
            fault.percent = 5 + static_cast<int>(random.below(40));
            // Machines that die young and clocks that drift are nothing unless it goes on for a while.
            if (fault.kind == FaultKind::ProviderLemons || fault.kind == FaultKind::ClockDrift)
                fault.forS *= 5;
            // Now and then a whole place.
            if (isDrawn(random, 15)) {
                fault.region = places[random.below(places.size())].name;
                fault.percent = 100;
            }
            scenario.faults.push_back(fault);
        }
    }
    return scenario;
}

ShortestRun shrink(const Scenario& scenario, const SimulationOptions& options, const Violation& violation)
{
    ShortestRun run{scenario, violation, {}};
    endAt(run.scenario, violation.at);
    leaveOut(run, &Scenario::faults, 0, options);
    leaveOut(run, &Scenario::traffic, 0, options);
    SimulationOptions told = options;
    told.trace = EventTrace::Keep::Lines;
    if (const auto result = simulate(run.scenario, told)) {
        const auto& lines = result->traceLines;
        const auto last = std::min(lines.size(), mostLines);
        run.lastLines.assign(lines.end() - static_cast<std::ptrdiff_t>(last), lines.end());
    }
    return run;
}

std::string describe(const ShortestRun& run, std::uint64_t seed)
{
    std::string text = "Seed " + std::to_string(seed) + " of " + run.scenario.name + " breaks \"" +
                       run.violation.invariant + "\" at " + toRfc3339(run.violation.at) + ": " +
                       run.violation.sentence + "\nIt needs " + std::to_string(run.scenario.durationS) +
                       " s after the start, traffic of " + std::to_string(run.scenario.traffic.size()) +
                       " kinds and these faults:\n";
    for (const Fault& fault : run.scenario.faults)
        text += "  " + std::string(wordsOf(fault.kind)[static_cast<std::size_t>(fault.kind)]) + " at " +
                std::to_string(fault.atS) + " s for " + std::to_string(fault.forS) + " s, " +
                std::to_string(fault.percent) + " %\n";
    text += "What happened last:\n";
    for (const std::string& line : run.lastLines)
        text += "  " + line + "\n";
    return text;
}

}  // namespace headgate::sim
