#include "core/sim/comparison.h"

#include "core/sim/baselines.h"

#include <algorithm>
#include <cstdio>

namespace headgate::sim {

namespace {

using nlohmann::json;

std::vector<Unmet> unmetBy(const Metrics& metrics, const std::map<std::string, double>& atMost)
{
    std::vector<Unmet> unmet;
    for (const auto& [name, value] : namedFigures(metrics)) {
        const auto limit = atMost.find(name);
        if (limit != atMost.end() && value > limit->second)
            unmet.push_back({name, limit->second, value});
    }
    return unmet;
}

std::string hexOf(std::uint64_t number)
{
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
    return text;
}

std::string textOf(double number)
{
    char text[32];
    std::snprintf(text, sizeof text, number == static_cast<double>(static_cast<long long>(number)) ? "%.0f" : "%.2f",
                  number);
    return text;
}

double usual(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[(values.size() * 95 + 99) / 100 - 1];
}

// Of one policy over all runs.
std::map<std::string, double> usualFigures(const std::vector<Comparison>& runs, std::size_t policy)
{
    std::map<std::string, std::vector<double>> values;
    for (const Comparison& run : runs) {
        for (const auto& [name, value] : namedFigures(run.policies[policy].metrics))
            values[name].push_back(value);
    }
    std::map<std::string, double> figures;
    for (const auto& [name, all] : values)
        figures[name] = usual(all);
    return figures;
}

constexpr const char* columns[] = {"overload_s",
                                   "overload_viewer_s",
                                   "refused",
                                   "wait_p99_s",
                                   "node_hours",
                                   "cost_ratio",
                                   "flaps",
                                   "displaced",
                                   "moved",
                                   "publishers_cut",
                                   "floor_deficit_s",
                                   "oversubscribed",
                                   "invariant_violations"};

std::string verdictOf(const Scenario& scenario, const std::map<std::string, double>& figures)
{
    std::string unmet;
    for (const auto& [name, limit] : scenario.atMost) {
        const auto figure = figures.find(name);
        if (figure != figures.end() && figure->second > limit)
            unmet += (unmet.empty() ? "" : ", ") + name + " " + textOf(figure->second) + " > " + textOf(limit);
    }
    return unmet.empty() ? "met" : "**not met**: " + unmet;
}

}  // namespace

Comparison compare(const Scenario& scenario, std::uint64_t seed, const SimulationResult& result)
{
    Comparison comparison;
    comparison.scenario = scenario.name;
    comparison.title = scenario.title;
    comparison.seed = seed;
    comparison.traceHash = result.traceHash;
    comparison.violations = result.violations;
    comparison.policies.push_back({"headgate", metricsOf(result.record)});
    for (const Baseline baseline : allBaselines) {
        const RunRecord record = runBaseline(baseline, scenario, result.record, seed);
        comparison.policies.push_back({std::string(nameOf(baseline)), metricsOf(record)});
    }
    comparison.unmet = unmetBy(comparison.policies.front().metrics, scenario.atMost);
    return comparison;
}

json toJson(const Comparison& comparison)
{
    json policies = json::array();
    for (const PolicyFigures& each : comparison.policies) {
        json figures = {{"policy", each.policy}};
        for (const auto& [name, value] : namedFigures(each.metrics)) {
            const auto whole = static_cast<std::int64_t>(value);
            figures[name] = static_cast<double>(whole) == value ? json(whole) : json(value);
        }
        policies.push_back(std::move(figures));
    }
    json unmet = json::array();
    for (const Unmet& each : comparison.unmet)
        unmet.push_back({{"figure", each.figure}, {"atMost", each.atMost}, {"was", each.was}});
    json violations = json::array();
    for (const Violation& each : comparison.violations)
        violations.push_back({{"at", toRfc3339(each.at)}, {"invariant", each.invariant}, {"sentence", each.sentence}});
    return {{"scenario", comparison.scenario},
            {"title", comparison.title},
            {"seed", comparison.seed},
            {"traceHash", hexOf(comparison.traceHash)},
            {"policies", policies},
            {"unmet", unmet},
            {"violations", violations}};
}

std::string markdownHead()
{
    std::string names = "| scenario | policy |", rule = "|---|---|";
    for (const char* column : columns) {
        names += std::string(" ") + column + " |";
        rule += "---:|";
    }
    return names + " criteria |\n" + rule + "---|\n";
}

std::string markdownRows(const Scenario& scenario, const std::vector<Comparison>& runs)
{
    std::string rows;
    for (std::size_t policy = 0; policy < runs.front().policies.size(); ++policy) {
        const auto figures = usualFigures(runs, policy);
        rows += policy == 0 ? "| " + scenario.name + " " + scenario.title + " |" : "| |";
        rows += " " + runs.front().policies[policy].policy + " |";
        for (const char* column : columns)
            rows += " " + textOf(figures.at(column)) + " |";
        rows += policy == 0 ? " " + verdictOf(scenario, figures) + " |\n" : " |\n";
    }
    const double optimum = usualFigures(runs, 0).at("clairvoyant_node_hours");
    return rows + "| | optimum | 0 | 0 | 0 | 0 | " + textOf(optimum) + " | 1 | | | | | | | | |\n";
}

}  // namespace headgate::sim
