#pragma once

#include "core/sim/simulation.h"
#include "tests/support/zones.h"

#include <QtGlobal>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

// The scenarios in resources/, and runs of them. What goes wrong on the way ends the test program.
namespace headgate::testing {

inline std::filesystem::path scenarioFolder()
{
    return std::filesystem::path(std::getenv("HEADGATE_SOURCE_DIR")) / "resources" / "scenarios";
}

inline std::string scenarioText(const std::string& file)
{
    std::ifstream stream(scenarioFolder() / file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

inline sim::Scenario loadScenario(const std::string& file)
{
    auto scenario = sim::scenarioFromJson(scenarioText(file));
    if (!scenario)
        qFatal("%s at %s", scenario.error().message.c_str(), scenario.error().pointer.c_str());
    return std::move(*scenario);
}

inline sim::SimulationOptions simulationOptions(std::uint64_t seed = 1)
{
    sim::SimulationOptions made;
    made.seed = seed;
    made.zones = loadZone;
    return made;
}

inline sim::SimulationResult runScenario(const sim::Scenario& scenario, std::uint64_t seed = 1)
{
    auto result = sim::simulate(scenario, simulationOptions(seed));
    if (!result)
        qFatal("%s at %s", result.error().message.c_str(), result.error().pointer.c_str());
    return std::move(*result);
}

}  // namespace headgate::testing
