#include "core/sim/baselines.h"
#include "core/sim/chance.h"
#include "tests/support/groups.h"

#include <QTest>

#include <cmath>

using namespace headgate;
using namespace headgate::sim;

namespace {

RunRecord demandOf(std::vector<int> viewers, int floor = 0)
{
    RunRecord record;
    record.viewersPerNode = 2000;
    record.lead = std::chrono::seconds(100);
    int before = 0;
    for (const int each : viewers) {
        record.ticks.push_back({each, std::max(0, each - before), floor});
        before = each;
    }
    return record;
}

std::vector<int> lasting(int seconds, int viewers)
{
    return std::vector<int>(static_cast<std::size_t>(seconds), viewers);
}

std::vector<int> then(std::vector<int> first, const std::vector<int>& second)
{
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

Scenario scenarioWith(int min, int max)
{
    Scenario scenario;
    scenario.plan.nodeGroups = {headgate::testing::makeGroup({.edges = min})};
    for (ScaleRule& rule : scenario.plan.nodeGroups.front().subgroups.front().rules) {
        if (rule.roleName == "edge")
            rule.max = max;
    }
    scenario.providers = {{"LOCAL", {{0, 100}, {100, 100}}}};
    return scenario;
}

Metrics metricsWith(Baseline baseline, const RunRecord& demand)
{
    return metricsOf(runBaseline(baseline, scenarioWith(1, 20), demand, 1));
}

}  // namespace

class BaselinesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whoKnowsTheFutureRunsWhatIsNeeded()
    {
        QCOMPARE(clairvoyantNodeHours(demandOf(lasting(3600, 1400))), 1.0);
        QCOMPARE(clairvoyantNodeHours(demandOf(lasting(3600, 1401))), 2.0);
        QCOMPARE(clairvoyantNodeHours(demandOf(lasting(3600, 0), 3)), 3.0);
    }

    void whoKnowsTheFutureBootsInTime()
    {
        // One hour off, then an hour on: the boot of 100 s is paid for.
        const auto record = demandOf(then(lasting(3600, 0), lasting(3600, 1400)));
        QCOMPARE(clairvoyantNodeHours(record), 3700.0 / 3600);
    }

    void shortGapsAreNotWorthABoot()
    {
        const auto day = [](int gap) {
            return demandOf(then(then(lasting(600, 1400), lasting(gap, 0)), lasting(600, 1400)));
        };
        QCOMPARE(clairvoyantNodeHours(day(159)), (1200.0 + 159) / 3600);
        QCOMPARE(clairvoyantNodeHours(day(160)), (1200.0 + 100) / 3600);
    }

    void aFullClusterHidesItsLoadFromHpa()
    {
        // 20,000 viewers before one full node: it asks for 1/0.7 times what it has, generation by generation.
        const auto demand = demandOf(then(lasting(60, 1000), lasting(1800, 20'000)));
        const Metrics hpa = metricsWith(Baseline::HpaDefaults, demand);
        QVERIFY(hpa.overloadS > 500);
        const Metrics one = metricsWith(Baseline::OneNodeAtATime, demand);
        QVERIFY(one.overloadViewerS > hpa.overloadViewerS);
    }

    void floorsHelpAsCronTriggers()
    {
        auto demand = demandOf(then(lasting(600, 1000), lasting(1800, 20'000)));
        for (std::size_t t = 300; t < demand.ticks.size(); ++t)
            demand.ticks[t].floor = 10;
        QVERIFY(metricsWith(Baseline::HpaAndCron, demand).overloadS <
                metricsWith(Baseline::HpaDefaults, demand).overloadS);
        QCOMPARE(metricsWith(Baseline::HpaAndCron, demand).overloadS, 0);
    }

    void steadyDemandIsLeftAlone_data()
    {
        QTest::addColumn<int>("baseline");
        for (const Baseline baseline : allBaselines)
            QTest::newRow(std::string(nameOf(baseline)).c_str()) << static_cast<int>(baseline);
    }

    void steadyDemandIsLeftAlone()
    {
        QFETCH(int, baseline);
        const Metrics metrics = metricsWith(static_cast<Baseline>(baseline), demandOf(lasting(3600, 6500)));
        QCOMPARE(metrics.overloadS, 0);
        QCOMPARE(metrics.flaps, 0);
        QCOMPARE(metrics.refused, 0);
        QCOMPARE(metrics.displaced, 0);
    }

    void poissonHasItsMeanAndVariance_data()
    {
        QTest::addColumn<double>("mean");
        for (const double mean : {0.2, 5.5, 40.0, 2000.0})
            QTest::addRow("%g", mean) << mean;
    }

    void poissonHasItsMeanAndVariance()
    {
        QFETCH(double, mean);
        Random random(7);
        constexpr int draws = 20'000;
        double sum = 0, squares = 0;
        for (int i = 0; i < draws; ++i) {
            const auto drawn = static_cast<double>(poisson(random, static_cast<std::int64_t>(mean * 1e6)));
            sum += drawn;
            squares += drawn * drawn;
        }
        const double found = sum / draws, variance = squares / draws - found * found;
        QVERIFY2(std::abs(found - mean) < 0.05 * mean + 0.02, qPrintable(QString::number(found)));
        QVERIFY2(std::abs(variance - mean) < 0.1 * mean, qPrintable(QString::number(variance)));
    }

    void bootTimesFollowTheirQuantiles()
    {
        const std::vector<BootQuantile> boot = {{0, 70}, {50, 110}, {95, 150}, {100, 210}};
        QCOMPARE(quantileOf(boot, 0).count(), 70'000);
        QCOMPARE(quantileOf(boot, 25'000).count(), 90'000);
        QCOMPARE(quantileOf(boot, 95'000).count(), 150'000);
        QCOMPARE(quantileOf(boot, 100'000).count(), 210'000);
    }
};

QTEST_GUILESS_MAIN(BaselinesTest)
#include "baselines_test.moc"
