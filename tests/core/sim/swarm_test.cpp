#include "core/sim/swarm.h"
#include "tests/support/scenarios.h"

#include <QTest>

#include <cstdlib>

using namespace headgate;
using namespace headgate::sim;
using namespace headgate::testing;

namespace {

int numberFrom(const char* variable, int otherwise)
{
    const char* text = std::getenv(variable);
    return text ? std::atoi(text) : otherwise;
}

// Three places with 7 nodes each, for six hours.
Scenario sixHours()
{
    Scenario scenario = loadScenario("s13_lost_zone.json");
    scenario.durationS = numberFrom("HEADGATE_SWARM_HOURS", 6) * 3'600;
    scenario.traffic.front().viewers = {{0, 4'000}};
    return scenario;
}

void expectNoViolation(const Scenario& world, int first, int seeds)
{
    for (int seed = first; seed < first + seeds; ++seed) {
        const auto number = static_cast<std::uint64_t>(seed);
        const Scenario scenario = withDrawnFaults(world, number);
        const auto result = runScenario(scenario, number);
        if (!result.violations.empty()) {
            const auto shortest = shrink(scenario, simulationOptions(number), result.violations.front());
            QFAIL(describe(shortest, number).c_str());
        }
    }
}

}  // namespace

// Runs of their own for HEADGATE_SWARM_SEEDS seeds from HEADGATE_SWARM_FIRST on, since each takes seconds.
class SwarmTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void drawnFaultsBreakNothing()
    {
        const int first = numberFrom("HEADGATE_SWARM_FIRST", 1);
        expectNoViolation(sixHours(), first, numberFrom("HEADGATE_SWARM_SEEDS", 2));
    }

    // Where names move between origins; a clock that was set once broke the order of epochs in the first of these.
    void publishersWhoComeAndGoBreakNothing()
    {
        expectNoViolation(loadScenario("s15_publishers_come_and_go.json"), 19, 2);
    }

    void eachFaultAloneBreaksNothing_data()
    {
        QTest::addColumn<int>("kind");
        const auto words = wordsOf(FaultKind{});
        for (std::size_t kind = 0; kind < words.size(); ++kind)
            QTest::newRow(std::string(words[kind]).c_str()) << static_cast<int>(kind);
    }

    void eachFaultAloneBreaksNothing()
    {
        QFETCH(int, kind);
        Scenario scenario = sixHours();
        scenario.durationS = 3'600;
        for (const int percent : {30, 100}) {
            Fault fault;
            fault.kind = static_cast<FaultKind>(kind);
            fault.atS = 600;
            fault.forS = 90;
            fault.percent = percent;
            scenario.faults = {fault};
            const auto result = runScenario(scenario, 1);
            if (!result.violations.empty())
                QFAIL(describe(shrink(scenario, simulationOptions(1), result.violations.front()), 1).c_str());
        }
    }

    void originsThatFeedTheirEdgesAreNotReplaced()
    {
        Scenario scenario = sixHours();
        scenario.durationS = 1'200;
        Fault mute;
        mute.kind = FaultKind::Mute;
        mute.role = "origin";
        mute.atS = 600;
        mute.forS = 300;
        scenario.faults = {mute};
        SimulationOptions told = simulationOptions(1);
        told.trace = EventTrace::Keep::Lines;
        const auto result = simulate(scenario, told);
        QVERIFY(result->violations.empty());
        QCOMPARE(result->record.displaced, 0);
        const auto publishes = std::ranges::count_if(
            result->traceLines, [](const std::string& line) { return line.find("Z publish ") != std::string::npos; });
        QCOMPARE(publishes, 1);
    }
};

QTEST_GUILESS_MAIN(SwarmTest)
#include "swarm_test.moc"
