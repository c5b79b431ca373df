#include "core/sim/comparison.h"
#include "core/sim/swarm.h"
#include "tests/support/scenarios.h"

#include <QTest>

#include <filesystem>

using namespace headgate;
using namespace headgate::sim;
using namespace headgate::testing;

class SimulationTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sameSeedGivesTheSameTrace()
    {
        const Scenario scenario = loadScenario("s13_lost_zone.json");
        const auto first = runScenario(scenario), again = runScenario(scenario), other = runScenario(scenario, 2);
        QCOMPARE(first.traceHash, again.traceHash);
        QCOMPARE(first.record.events, again.record.events);
        QVERIFY(first.traceHash != other.traceHash);
    }

    void keepingTheLinesChangesNothing()
    {
        const Scenario scenario = loadScenario("s8_local_processes.json");
        SimulationOptions told = simulationOptions();
        told.trace = EventTrace::Keep::Lines;
        const auto result = simulate(scenario, told);
        QCOMPARE(result->traceHash, runScenario(scenario).traceHash);
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
        Scenario scenario = loadScenario(file.toStdString());
        scenario.durationS = std::min(scenario.durationS, 3600);
        scenario.warmUpS = std::min(scenario.warmUpS, 900);
        const auto result = runScenario(scenario);
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
        const Metrics metrics = metricsOf(runScenario(loadScenario("s3_announced.json")).record);
        QCOMPARE(metrics.overloadS, 0);
        QCOMPARE(metrics.refused, 0);
    }

    void whoGetsNoPlaceWaits()
    {
        Scenario scenario = loadScenario("s3_announced.json");
        scenario.plan.overlays.clear();
        scenario.plan.nodeGroups[0].subgroups[0].rules[0].max = 5;
        const Metrics metrics = metricsOf(runScenario(scenario).record);
        QVERIFY(metrics.overloadS > 1000);
        QVERIFY(metrics.refused > 10'000);
        QVERIFY(metrics.waitP99S > 60);
        QCOMPARE(metrics.oversubscribed, 0);
    }

    // Half of the viewers go and the others stay for good: what they keep from ending is emptied after ten minutes.
    void viewersWhoStayAreMovedAtLast()
    {
        Scenario scenario = loadScenario("s9_cliff.json");
        scenario.traffic.front().viewers = {{0, 8000}, {600, 8000}, {660, 800}};
        scenario.traffic.front().sessionS = 0;
        scenario.durationS = 3600;
        const auto result = runScenario(scenario);
        const Metrics metrics = metricsOf(result.record);
        QCOMPARE(result.record.invariantViolations, 0);
        QVERIFY(metrics.moved > 100);
        QCOMPARE(metrics.displaced, 0);
        QCOMPARE(metrics.overloadS, 0);
        QVERIFY(metrics.waitP99S <= 1);
        QVERIFY2(result.record.ticks.back().paid <= 2, std::to_string(result.record.ticks.back().paid).c_str());
    }

    void streamsShareTheirViewers()
    {
        auto json = nlohmann::json::parse(scenarioText("s6_unannounced.json"));
        json["traffic"][0]["streams"] = 3;
        json["traffic"][0]["zipf"] = 1;
        const auto scenario = scenarioFromJson(json.dump());
        QCOMPARE(scenario->traffic.size(), std::size_t(3));
        QCOMPARE(scenario->traffic[2].stream, std::string("live/show3"));
        QCOMPARE(scenario->traffic[0].shareMicros, 545'455);  // 6, 3 and 2 of 11
        QCOMPARE(scenario->traffic[1].shareMicros, 272'727);
        QCOMPARE(scenario->traffic[2].shareMicros, 181'818);
    }

    // They ask all the time and never come; whoever shows a token finds a place all the same.
    void whoShowsNoTokenHoldsATenthAtMost()
    {
        auto json = nlohmann::json::parse(scenarioText("s1_steady.json"));
        json["durationS"] = 900;
        nlohmann::json asking = {{"stream", json["traffic"][0].value("stream", "live/show")},
                                 {"viewers", {{{"atS", 0}, {"viewers", 0}}, {{"atS", 60}, {"viewers", 8000}}}},
                                 {"tokenless", true},
                                 {"noShowPercent", 100}};
        json["traffic"].push_back(asking);
        json.erase("atMost");
        auto scenario = scenarioFromJson(json.dump());
        QVERIFY2(scenario, scenario ? "" : scenario.error().message.c_str());
        const auto result = runScenario(*scenario);
        for (const Violation& violation : result.violations)
            qWarning("%s %s: %s", toRfc3339(violation.at).c_str(), violation.invariant.c_str(),
                     violation.sentence.c_str());
        QCOMPARE(result.record.invariantViolations, 0);
        QCOMPARE(result.record.oversubscribed, 0);
        const auto again = scenarioFromJson(scenarioToJson(*scenario));
        QVERIFY(again && again->traffic.back().isTokenless);
        QCOMPARE(again->traffic.back().noShowPercent, 100);
    }

    void publishersWhoComeAndGoAreNeverCut()
    {
        Scenario scenario = loadScenario("s15_publishers_come_and_go.json");
        SimulationOptions told = simulationOptions(3);
        told.trace = EventTrace::Keep::Lines;
        const auto result = simulate(scenario, told);
        QCOMPARE(result->record.publishersCut, 0);
        QCOMPARE(result->record.invariantViolations, 0);
        const auto drains = std::ranges::count_if(result->traceLines, [](const std::string& line) {
            return line.find("node.drain") != std::string::npos && line.find("(origin in") != std::string::npos;
        });
        QVERIFY2(drains >= 5, std::to_string(drains).c_str());
    }

    void theControlPlaneMayRestart()
    {
        Scenario scenario = loadScenario("s13_lost_zone.json");
        Fault restart;
        restart.kind = FaultKind::RestartEngine;
        restart.atS = 600;
        restart.forS = 60;
        scenario.faults = {restart};
        const auto result = runScenario(scenario);
        QCOMPARE(result.record.invariantViolations, 0);
        QCOMPARE(result.record.displaced, 0);
    }

    void aViolationIsToldWithTheShortestRun()
    {
        // A plan with a floor above what the provider ever gives breaks "floors-are-met".
        Scenario scenario = loadScenario("s8_local_processes.json");
        scenario.providers.front().failPercent = 100;
        const auto result = runScenario(scenario);
        QVERIFY(!result.violations.empty());
        const ShortestRun shortest = shrink(scenario, simulationOptions(), result.violations.front());
        QVERIFY(shortest.scenario.durationS < scenario.durationS);
        QVERIFY(shortest.scenario.traffic.empty());
        QCOMPARE(shortest.violation.invariant, result.violations.front().invariant);
        const std::string text = describe(shortest, 1);
        QVERIFY(text.starts_with("Seed 1 of S8 breaks \"floors-are-met\""));
        QVERIFY(!shortest.lastLines.empty());
    }

    void figuresHaveTheirNames()
    {
        Scenario scenario = loadScenario("s8_local_processes.json");
        scenario.durationS = 300;
        const auto json = toJson(compare(scenario, 1, runScenario(scenario)));
        QCOMPARE(json["policies"].size(), std::size_t(5));
        for (const char* key :
             {"overload_s", "overload_viewer_s", "refused", "wait_p99_s", "node_hours", "clairvoyant_node_hours",
              "flaps", "displaced", "moved", "publishers_cut", "floor_deficit_s", "oversubscribed",
              "invariant_violations", "events", "simulated_s", "wall_s"}) {
            for (const auto& policy : json["policies"])
                QVERIFY2(policy.contains(key), key);
        }
        QCOMPARE(json["policies"][0]["simulated_s"].get<int>(), 300);
    }

    void whatIsWrongInAFileIsNamed()
    {
        std::string text = scenarioText("s6_unannounced.json");
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
        json["atMost"]["overload"] = 0;
        QCOMPARE(scenarioFromJson(json.dump()).error().pointer, std::string("/atMost/overload"));
        json = nlohmann::json::parse(text);
        json["traffic"][0]["streams"] = 0;
        QCOMPARE(scenarioFromJson(json.dump()).error().pointer, std::string("/traffic/0/streams"));
        json["traffic"][0]["streams"] = 4;
        json["traffic"].push_back({{"viewers", nlohmann::json::array()}});
        QCOMPARE(scenarioFromJson(json.dump()).error().pointer, std::string("/traffic/1/viewers"));
        json = nlohmann::json::parse(text);
        json["tempo"] = 1;
        QCOMPARE(scenarioFromJson(json.dump()).error().pointer, std::string("/tempo"));
    }
};

QTEST_GUILESS_MAIN(SimulationTest)
#include "simulation_test.moc"
