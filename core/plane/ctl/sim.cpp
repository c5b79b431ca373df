#include "core/plane/ctl/sim.h"

#include "core/plane/ctl/table.h"
#include "core/plane/zone_files.h"
#include "core/sim/comparison.h"
#include "core/sim/coverage.h"
#include "core/sim/swarm.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <ostream>
#include <thread>

namespace headgate::ctl {
namespace {

using sim::Comparison;
using sim::Scenario;

struct Wish
{
    std::vector<Scenario> scenarios;
    std::uint64_t firstSeed = 1;
    std::uint64_t seeds = 1;
    std::uint64_t jobs = 1;
    bool isSwarm = false;
    bool isMarkdown = false;
    bool isCoverageWished = false;
};

Outcome<std::uint64_t> numberOption(const Arguments& arguments, const std::string& name, std::uint64_t otherwise)
{
    const auto text = arguments.value(name);
    if (!text)
        return otherwise;
    std::uint64_t number = 0;
    const char* const end = text->data() + text->size();
    const auto [rest, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc() || rest != end || number == 0)
        return wrongUsage("--" + name + " " + *text + " is no number above 0.");
    return number;
}

Outcome<Scenario> readScenario(const std::string& file)
{
    const auto text = readFile(file);
    if (!text)
        return tl::unexpected(text.error());
    auto scenario = sim::scenarioFromJson(*text);
    if (scenario)
        return std::move(*scenario);
    scenario.error().message = file + ": " + scenario.error().message;
    return tl::unexpected(Failure{ExitStatus::Refused, std::move(scenario.error())});
}

Outcome<Wish> wishOf(const Arguments& arguments)
{
    Wish wish;
    std::vector<std::string> files = arguments.words;
    if (const auto file = arguments.value("scenario"))
        files.insert(files.begin(), *file);
    if (files.empty())
        return wrongUsage("--scenario is missing.",
                          "Name a scenario file; those of Headgate are in resources/scenarios.");
    for (const std::string& file : files) {
        auto scenario = readScenario(file);
        if (!scenario)
            return tl::unexpected(scenario.error());
        if (arguments.has("cohorts") && !scenario->cohorts)
            scenario->cohorts.emplace();
        wish.scenarios.push_back(std::move(*scenario));
    }
    wish.isSwarm = arguments.has("swarm");
    wish.isMarkdown = arguments.has("table");
    wish.isCoverageWished = arguments.has("coverage");
    if (wish.isCoverageWished && !wish.isSwarm)
        return wrongUsage("--coverage is of runs with drawn faults: it needs --swarm.");
    const auto seed = numberOption(arguments, "seed", 1);
    const auto seeds = numberOption(arguments, wish.isSwarm ? "swarm" : "seeds", 1);
    const auto jobs = numberOption(arguments, "jobs", std::max(1U, std::thread::hardware_concurrency()));
    for (const auto* number : {&seed, &seeds, &jobs}) {
        if (!*number)
            return tl::unexpected(number->error());
    }
    wish.firstSeed = *seed;
    wish.seeds = *seeds;
    wish.jobs = *jobs;
    if (arguments.has("trace") && (wish.seeds > 1 || wish.scenarios.size() > 1))
        return wrongUsage("--trace writes one run: one scenario and one seed.");
    return wish;
}

Outcome<void> writeTrace(const std::string& path, const std::vector<std::string>& lines)
{
    std::ofstream file(path);
    for (const std::string& line : lines)
        file << line << '\n';
    file.close();
    if (file)
        return {};
    return tl::unexpected(Failure{ExitStatus::Refused, {ErrorCode::Unavailable, path + " cannot be written.", {}, {}}});
}

std::string tableText(const Comparison& comparison)
{
    TextTable table({"POLICY", "OVERLOAD S", "VIEWER S", "REFUSED", "WAIT P99 S", "NODE H", "X OPTIMUM", "FLAPS",
                     "DISPLACED", "CUT", "DEFICIT S", "VIOLATIONS"});
    const auto decimals = [](double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.2f", value);
        return std::string(text);
    };
    for (const sim::PolicyFigures& each : comparison.policies) {
        const sim::Metrics& m = each.metrics;
        table.addRow({each.policy, std::to_string(m.overloadS), std::to_string(m.overloadViewerS),
                      std::to_string(m.refused), std::to_string(m.waitP99S), decimals(m.nodeHours),
                      decimals(m.costRatio()), std::to_string(m.flaps), std::to_string(m.displaced),
                      std::to_string(m.publishersCut), std::to_string(m.floorDeficitS),
                      std::to_string(m.invariantViolations)});
    }
    return table.text();
}

// Calls `work` with every number below `count`, by so many threads.
void forEachAtOnce(std::uint64_t jobs, std::uint64_t count, const std::function<void(std::uint64_t)>& work)
{
    std::atomic<std::uint64_t> next = 0;
    const auto takeTurns = [&] {
        for (std::uint64_t i = next++; i < count; i = next++)
            work(i);
    };
    std::vector<std::jthread> others;
    for (std::uint64_t i = 1; i < std::min(jobs, count); ++i)
        others.emplace_back(takeTurns);
    takeTurns();
}

// What is told of one run.
struct RunStory
{
    std::optional<Comparison> comparison;  // none of a swarm
    std::string violation;                 // empty: nothing was broken
    sim::Coverage coverage;                // of a swarm, if it was wished for
};

// Runs what was wished for and tells it in the order of the seeds, however many run at once.
class Runs
{
public:
    Runs(const Desk& desk, const Wish& wish) : m_desk(desk), m_wish(wish) {}

    Outcome<void> run()
    {
        if (m_wish.isMarkdown)
            m_desk.out << sim::markdownHead();
        for (const Scenario& scenario : m_wish.scenarios) {
            if (auto done = runSeeds(scenario); !done)
                return done;
        }
        if (m_wish.isCoverageWished)
            m_desk.out << "\n" << m_coverage.table();
        if (m_violations == 0)
            return {};
        return tl::unexpected(Failure{
            ExitStatus::Refused,
            {ErrorCode::Conflict, std::to_string(m_violations) + " runs broke what must always hold.", {}, {}}});
    }

private:
    bool isJson() const { return m_desk.format == Format::Json || m_desk.arguments.has("json"); }

    Outcome<void> runSeeds(const Scenario& scenario)
    {
        std::vector<Outcome<RunStory>> stories(m_wish.seeds);
        forEachAtOnce(m_wish.jobs, m_wish.seeds,
                      [&](std::uint64_t i) { stories[i] = runOne(scenario, m_wish.firstSeed + i); });
        std::vector<Comparison> runs;
        for (Outcome<RunStory>& story : stories) {
            if (!story)
                return tl::unexpected(story.error());
            m_desk.notes << story->violation;
            m_violations += story->violation.empty() ? 0 : 1;
            m_coverage.add(story->coverage);
            if (m_wish.isMarkdown && story->comparison)
                runs.push_back(std::move(*story->comparison));
            else if (story->comparison)
                show(*story->comparison);
        }
        if (!runs.empty())
            m_desk.out << sim::markdownRows(scenario, runs);
        if (m_wish.isSwarm)
            m_desk.out << scenario.name << ": " << m_wish.seeds << " seeds with drawn faults, " << m_violations
                       << " of them broke something\n";
        return {};
    }

    // By any thread.
    Outcome<RunStory> runOne(const Scenario& calm, std::uint64_t seed) const
    {
        const Scenario scenario = m_wish.isSwarm ? sim::withDrawnFaults(calm, seed) : calm;
        sim::SimulationOptions options;
        options.seed = seed;
        options.zones = loadZoneFile;
        const auto traceFile = m_desk.arguments.value("trace");
        options.trace = traceFile ? sim::EventTrace::Keep::Lines : sim::EventTrace::Keep::Hash;
        if (m_wish.isCoverageWished)
            options.audit = sim::SimulationOptions::Audit::Keep;
        const auto begun = std::chrono::steady_clock::now();
        auto result = sim::simulate(scenario, options);
        if (!result)
            return tl::unexpected(Failure{ExitStatus::Refused, std::move(result.error())});
        result->record.wallS = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        if (traceFile) {
            if (auto written = writeTrace(*traceFile, result->traceLines); !written)
                return tl::unexpected(written.error());
        }
        RunStory story;
        story.coverage.add(scenario, result->audit);
        if (!result->violations.empty()) {
            options.trace = sim::EventTrace::Keep::Hash;
            options.audit = sim::SimulationOptions::Audit::Drop;
            story.violation = sim::describe(sim::shrink(scenario, options, result->violations.front()), seed);
        }
        if (!m_wish.isSwarm)
            story.comparison = sim::compare(scenario, seed, *result);
        return story;
    }

    void show(const Comparison& comparison)
    {
        const nlohmann::json json = sim::toJson(comparison);
        if (isJson()) {
            m_desk.out << json.dump(2) << "\n";
            return;
        }
        m_desk.out << comparison.scenario << "  " << comparison.title << ", seed " << comparison.seed << ", trace "
                   << json["traceHash"].get<std::string>() << "\n"
                   << tableText(comparison);
        for (const sim::Unmet& unmet : comparison.unmet)
            m_desk.out << "Not met: " << unmet.figure << " is " << unmet.was << ", at most " << unmet.atMost
                       << " is wanted.\n";
    }

    const Desk& m_desk;
    const Wish& m_wish;
    std::uint64_t m_violations = 0;
    sim::Coverage m_coverage;
};

}  // namespace

Outcome<void> runSim(const Desk& desk)
{
    const auto wish = wishOf(desk.arguments);
    if (!wish)
        return tl::unexpected(wish.error());
    return Runs(desk, *wish).run();
}

}  // namespace headgate::ctl
