#include "core/sim/comparison.h"
#include "tests/support/scenarios.h"

#include <QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::sim;
using namespace headgate::testing;

namespace {

Scenario inCohorts(Scenario scenario)
{
    scenario.cohorts.emplace();
    return scenario;
}

}  // namespace

class CohortsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsAgreeWithSingleViewers_data()
    {
        QTest::addColumn<QString>("file");
        for (const char* file : {"s1_steady.json", "s2_diurnal.json", "s3_announced.json", "s4_under_estimated.json",
                                 "s5_announced_and_few_come.json", "s6_unannounced.json"})
            QTest::newRow(file) << QString(file);
    }

    // Node hours within 5 %, and overload where there is overload: within a fifth and 15 s.
    void countsAgreeWithSingleViewers()
    {
        QFETCH(QString, file);
        const Scenario scenario = loadScenario(file.toStdString());
        const SimulationResult counted = runScenario(inCohorts(scenario));
        const Metrics one = metricsOf(runScenario(scenario).record), many = metricsOf(counted.record);
        QCOMPARE(counted.record.invariantViolations, 0);
        QCOMPARE(many.oversubscribed, 0);
        QCOMPARE(many.simulatedS, one.simulatedS);
        QVERIFY2(std::abs(many.nodeHours - one.nodeHours) <= 0.05 * one.nodeHours,
                 qPrintable(QString("%1 and %2 node hours").arg(many.nodeHours).arg(one.nodeHours)));
        QCOMPARE(many.overloadS > 0, one.overloadS > 0);
        const auto isLike = [](double a, double b, double slack) { return std::abs(a - b) <= slack + 0.2 * b; };
        QVERIFY2(isLike(double(many.overloadS), double(one.overloadS), 15),
                 qPrintable(QString("%1 and %2 s of overload").arg(many.overloadS).arg(one.overloadS)));
        QVERIFY2(isLike(double(many.refused), double(one.refused), 100),
                 qPrintable(QString("%1 and %2 refused").arg(many.refused).arg(one.refused)));
    }

    void sameSeedGivesTheSameTrace()
    {
        const Scenario scenario = inCohorts(loadScenario("s6_unannounced.json"));
        const auto first = runScenario(scenario), again = runScenario(scenario), other = runScenario(scenario, 2);
        QCOMPARE(first.traceHash, again.traceHash);
        QVERIFY(first.traceHash != other.traceHash);
    }

    void demandIsThatOfTheCurve()
    {
        const RunRecord record = runScenario(inCohorts(loadScenario("s3_announced.json"))).record;
        const RunRecord single = runScenario(loadScenario("s3_announced.json")).record;
        QCOMPARE(record.ticks.size(), single.ticks.size());
        // A tick counts with the demand at its end.
        for (std::size_t t = 9; t < record.ticks.size(); t += 10)
            QVERIFY(std::abs(record.ticks[t].demand - single.ticks[t].demand) <= 10 * 64);
        QCOMPARE(record.ticks.back().demand, single.ticks.back().demand);
    }

    // Lost nodes are noticed and replaced as fast as otherwise: ticks are short while a fault goes on.
    void lostNodesAreReplacedAsFast()
    {
        const Scenario scenario = loadScenario("s13_lost_zone.json");
        const SimulationResult counted = runScenario(inCohorts(scenario));
        const Metrics one = metricsOf(runScenario(scenario).record), many = metricsOf(counted.record);
        QCOMPARE(counted.record.invariantViolations, 0);
        QVERIFY(many.displaced > 0);
        QVERIFY2(std::abs(double(many.floorDeficitS - one.floorDeficitS)) <= 30,
                 qPrintable(QString("%1 and %2 s").arg(many.floorDeficitS).arg(one.floorDeficitS)));
    }

    void nodesMayCarryMoreOrLess()
    {
        Scenario scenario = inCohorts(loadScenario("s6_unannounced.json"));
        scenario.viewersPerNode = 4'000;
        const auto most = [](const RunRecord& record) {
            return std::ranges::max_element(record.ticks, {}, &Tick::ready)->ready;
        };
        const RunRecord large = runScenario(scenario).record;
        scenario.viewersPerNode = 2'000;
        QVERIFY(most(large) * 3 <= most(runScenario(scenario).record) * 2);
        QCOMPARE(large.oversubscribed, 0);
    }

    void aRunCanBeEnded()
    {
        SimulationOptions options = simulationOptions();
        double done = 0;
        options.progress = [&](double share) {
            done = share;
            return share < 0.5;
        };
        const auto result = simulate(inCohorts(loadScenario("s1_steady.json")), options);
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::Unavailable);
        QVERIFY(done >= 0.5 && done < 0.6);
    }

    void aFileMayAskForCohorts()
    {
        auto json = nlohmann::json::parse(scenarioText("s6_unannounced.json"));
        json["cohorts"] = {{"mostS", 20}};
        json["viewersPerNode"] = 500;
        const auto scenario = scenarioFromJson(json.dump());
        QVERIFY(scenario.has_value());
        QCOMPARE(scenario->cohorts->mostS, 20);
        QCOMPARE(scenario->viewersPerNode, 500);
        const auto again = scenarioFromJson(scenarioToJson(*scenario));
        QVERIFY(again.has_value());
        QCOMPARE(runScenario(*again).traceHash, runScenario(*scenario).traceHash);
        json["cohorts"]["leastS"] = 25;
        QCOMPARE(scenarioFromJson(json.dump()).error().pointer, std::string("/cohorts/mostS"));
        json["viewersPerNode"] = 0;
        QCOMPARE(scenarioFromJson(json.dump()).error().pointer, std::string("/viewersPerNode"));
    }
};

QTEST_GUILESS_MAIN(CohortsTest)
#include "cohorts_test.moc"
