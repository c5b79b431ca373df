#include "core/sim/swarm.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

// Compares runs with the hashes that they had when somebody looked last.
//   trace_hashes check SCENARIOS HASHES    tells which differ
//   trace_hashes renew SCENARIOS HASHES    writes them, after a change that is meant to change decisions

namespace {

using namespace headgate;
namespace fs = std::filesystem;

constexpr int seconds = 900;  // of each run, after its warm-up

std::string textOf(const fs::path& file)
{
    std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::uint64_t hashOf(sim::Scenario scenario, std::uint64_t seed)
{
    scenario.durationS = std::min(scenario.durationS, seconds);
    scenario.warmUpS = std::min(scenario.warmUpS, seconds);
    sim::SimulationOptions options;
    options.seed = seed;
    // Without zones: a machine's own may be newer than another's.
    options.zones = [](const std::string& name) -> Result<ZoneRules> {
        return fail(ErrorCode::NotFound, "There is no zone " + name + ".");
    };
    const auto result = sim::simulate(sim::withDrawnFaults(std::move(scenario), seed), options);
    return result ? result->traceHash : 0;
}

// "s13_lost_zone.json 1 0123456789abcdef" for each scenario and two seeds.
std::vector<std::string> linesOf(const fs::path& folder)
{
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
        files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<std::string> lines;
    for (const fs::path& file : files) {
        const auto scenario = sim::scenarioFromJson(textOf(file));
        if (!scenario) {
            std::fprintf(stderr, "%s: %s\n", file.c_str(), scenario.error().message.c_str());
            std::exit(2);
        }
        for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}}) {
            char line[256];
            std::snprintf(line, sizeof line, "%s %" PRIu64 " %016" PRIx64, file.filename().c_str(), seed,
                          hashOf(*scenario, seed));
            lines.emplace_back(line);
        }
    }
    return lines;
}

int check(const std::vector<std::string>& lines, const fs::path& file, const char* program, const char* folder)
{
    std::vector<std::string> stored;
    std::istringstream text(textOf(file));
    for (std::string line; std::getline(text, line);)
        stored.push_back(line);
    if (lines == stored) {
        std::printf("%zu runs are as they were.\n", lines.size());
        return EXIT_SUCCESS;
    }
    for (const std::string& line : lines) {
        if (std::ranges::count(stored, line) == 0)
            std::printf("Other than before: %s\n", line.c_str());
    }
    std::printf("If decisions were meant to change: %s renew %s %s\n", program, folder, file.c_str());
    return EXIT_FAILURE;
}

}  // namespace

int main(int count, char** arguments)
{
    const std::string what = count == 4 ? arguments[1] : "";
    if (what != "check" && what != "renew") {
        std::fprintf(stderr, "trace_hashes check SCENARIOS HASHES | renew SCENARIOS HASHES\n");
        return 2;
    }
    const auto lines = linesOf(arguments[2]);
    if (what == "check")
        return check(lines, arguments[3], arguments[0], arguments[2]);
    std::ofstream file(arguments[3]);
    for (const std::string& line : lines)
        file << line << '\n';
    return EXIT_SUCCESS;
}
