#include "core/sim/comparison.h"
#include "core/sim/swarm.h"
#include "tests/support/zones.h"

#include <QTest>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace headgate;
using namespace headgate::sim;

namespace {

std::string textOf(const std::filesystem::path& path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::filesystem::path scenarioFolder()
{
    return std::filesystem::path(std::getenv("HEADGATE_SOURCE_DIR")) / "resources" / "scenarios";
}

Scenario load(const std::string& file)
{
    auto scenario = scenarioFromJson(textOf(scenarioFolder() / file));
    if (!scenario)
        qFatal("%s at %s", scenario.error().message.c_str(), scenario.error().pointer.c_str());
    return *scenario;
}

SimulationOptions options(std::uint64_t seed = 1)
{
    SimulationOptions made;
    made.seed = seed;
    made.zones = headgate::testing::loadZone;
    return made;
}

SimulationResult run(const Scenario& scenario, std::uint64_t seed = 1)
{
    auto result = simulate(scenario, options(seed));
    if (!result)
        qFatal("%s at %s", result.error().message.c_str(), result.error().pointer.c_str());
    return std::move(*result);
}

}  // namespace

class SimulationTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sameSeedGivesTheSameTrace()
    {
        const Scenario scenario = load("s13_lost_zone.json");
        const auto first = run(scenario), again = run(scenario), other = run(scenario, 2);
        QCOMPARE(first.traceHash, again.traceHash);
        QCOMPARE(first.record.events, again.record.events);
        QVERIFY(first.traceHash != other.traceHash);
    }

    void keepingTheLinesChangesNothing()
    {
        const Scenario scenario = load("s8_local_processes.json");
        SimulationOptions told = options();
        told.trace = EventTrace::Keep::Lines;
        const auto result = simulate(scenario, told);
        QCOMPARE(result->traceHash, run(scenario).traceHash);
        QCOMPARE(static_cast<std::int64_t>(result->traceLines.size()), result->record.events);
    }

    void everyScenarioRunsWithoutViolation_data()
    {
        QTest::addColumn<QString>("file");
        for (const auto& entry : std::filesystem::directory_iterator(scenarioFolder()))
            QTest::newRow(entry.path().filename().c_str()) << QString::fromStdString(entry.path().filename());
    }

    void everyScenarioRunsWithoutViolation()
    {
        QFETCH(QString, file);
        Scenario scenario = load(file.toStdString());
        scenario.durationS = std::min(scenario.durationS, 3600);
        scenario.warmUpS = std::min(scenario.warmUpS, 900);
        const auto result = run(scenario);
        for (const Violation& violation : result.violations)
            qWarning("%s %s: %s", toRfc3339(violation.at).c_str(), violation.invariant.c_str(),
                     violation.sentence.c_str());
        QCOMPARE(result.record.invariantViolations, 0);
        QCOMPARE(result.record.publishersCut, 0);
        QCOMPARE(result.record.oversubscribed, 0);
        QCOMPARE(result.record.ticks.size(), static_cast<std::size_t>(scenario.durationS));
    }

    void announcedViewersFindTheirNodes()
    {
        const Metrics metrics = metricsOf(run(load("s3_announced.json")).record);
        QCOMPARE(metrics.overloadS, 0);
        QCOMPARE(metrics.refused, 0);
    }

    void whoGetsNoPlaceWaits()
    {
        Scenario scenario = load("s3_announced.json");
        scenario.plan.overlays.clear();
        scenario.plan.nodeGroups[0].subgroups[0].rules[0].max = 5;
        const Metrics metrics = metricsOf(run(scenario).record);
        QVERIFY(metrics.overloadS > 1000);
        QVERIFY(metrics.refused > 10'000);
        QVERIFY(metrics.waitP99S > 60);
        QCOMPARE(metrics.oversubscribed, 0);
    }

    void theControlPlaneMayRestart()
    {
        Scenario scenario = load("s13_lost_zone.json");
        Fault restart;
        restart.kind = FaultKind::RestartEngine;
        restart.atS = 600;
        restart.forS = 60;
        scenario.faults = {restart};
        const auto result = run(scenario);
        QCOMPARE(result.record.invariantViolations, 0);
        QCOMPARE(result.record.displaced, 0);
    }

    void aViolationIsToldWithTheShortestRun()
    {
        // A plan with a floor above what the provider ever gives breaks "floors-are-met".
        Scenario scenario = load("s8_local_processes.json");
        scenario.providers.front().hangPercent = 100;
        const auto result = run(scenario);
        QVERIFY(!result.violations.empty());
        const ShortestRun shortest = shrink(scenario, options(), result.violations.front());
        QVERIFY(shortest.scenario.durationS < scenario.durationS);
        QVERIFY(shortest.scenario.traffic.empty());
        QCOMPARE(shortest.violation.invariant, result.violations.front().invariant);
        const std::string text = describe(shortest, 1);
        QVERIFY(text.starts_with("Seed 1 of S8 breaks \"floors-are-met\""));
        QVERIFY(!shortest.lastLines.empty());
    }

    void drawnFaultsBreakNothing()
    {
        const char* more = std::getenv("HEADGATE_SWARM_SEEDS");
        const int seeds = more ? std::atoi(more) : 5;
        for (int seed = 1; seed <= seeds; ++seed) {
            Scenario scenario = withDrawnFaults(load("s13_lost_zone.json"), static_cast<std::uint64_t>(seed));
            const auto result = run(scenario, static_cast<std::uint64_t>(seed));
            if (result.violations.empty())
                continue;
            const auto shortest =
                shrink(scenario, options(static_cast<std::uint64_t>(seed)), result.violations.front());
            QFAIL(describe(shortest, static_cast<std::uint64_t>(seed)).c_str());
        }
    }

    void figuresHaveTheirNames()
    {
        Scenario scenario = load("s8_local_processes.json");
        scenario.durationS = 300;
        const auto json = toJson(compare(scenario, 1, run(scenario)));
        QCOMPARE(json["policies"].size(), std::size_t(5));
        for (const char* key : {"overload_s", "overload_viewer_s", "refused", "wait_p99_s", "node_hours",
                                "clairvoyant_node_hours", "flaps", "displaced", "publishers_cut", "floor_deficit_s",
                                "oversubscribed", "invariant_violations", "events", "simulated_s", "wall_s"}) {
            for (const auto& policy : json["policies"])
                QVERIFY2(policy.contains(key), key);
        }
        QCOMPARE(json["policies"][0]["simulated_s"].get<int>(), 300);
    }

    void whatIsWrongInAFileIsNamed()
    {
        std::string text = textOf(scenarioFolder() / "s6_unannounced.json");
        auto json = nlohmann::json::parse(text);
        json["traffic"][0]["viewers"][1]["atS"] = 0;
        QCOMPARE(scenarioFromJson(json.dump()).error().pointer, std::string("/traffic/0/viewers/1/atS"));
        json = nlohmann::json::parse(text);
        json["plan"]["nodeGroups"][0]["roles"] = 3;
        QCOMPARE(scenarioFromJson(json.dump()).error().pointer, std::string("/plan/nodeGroups/0/roles"));
        json = nlohmann::json::parse(text);
        json["providers"][0]["platform"] = "MOON";
        QCOMPARE(scenarioFromJson(json.dump()).error().pointer, std::string("/providers"));
        json = nlohmann::json::parse(text);
        json["tempo"] = 1;
        QCOMPARE(scenarioFromJson(json.dump()).error().pointer, std::string("/tempo"));
    }
};

QTEST_GUILESS_MAIN(SimulationTest)
#include "simulation_test.moc"
