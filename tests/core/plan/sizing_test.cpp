#include "core/plan/sizing.h"
#include "tests/support/plans.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;

Q_DECLARE_METATYPE(std::vector<headgate::RegionDemand>)
Q_DECLARE_METATYPE(headgate::SizingBasis)

namespace {

RegionDemand expected(const std::string& region, int publishers, int viewers, int kilobits = 1500)
{
    return {region, publishers, viewers, 720, kilobits, 30};
}

SizingBasis assumed(int headroomPercent = 25)
{
    return {NodeLimits{}, headroomPercent};
}

SizingBasis measured(int viewers, std::int64_t bits, std::optional<int> publishers)
{
    return {{viewers, bits, publishers, LimitSource::Measured}, 0};
}

// "europe-west 1 0 3": origins, relays, edges.
QString text(const std::vector<RegionSize>& sizes)
{
    QStringList all;
    for (const RegionSize& size : sizes)
        all << QString("%1 %2 %3 %4")
                   .arg(QString::fromStdString(size.region))
                   .arg(size.origins)
                   .arg(size.relays)
                   .arg(size.edges);
    return all.join(", ");
}

}  // namespace

class SizingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void demandBecomesNodes_data()
    {
        using Demand = std::vector<RegionDemand>;
        QTest::addColumn<Demand>("demand");
        QTest::addColumn<SizingBasis>("basis");
        QTest::addColumn<QString>("nodes");
        const auto row = [](const char* name, Demand demand, const SizingBasis& basis, const char* nodes) {
            QTest::newRow(name) << std::move(demand) << basis << QString(nodes);
        };
        row("nobody", {expected("a", 0, 0)}, assumed(), "a 0 0 0");
        row("one publisher without viewers", {expected("a", 1, 0)}, assumed(), "a 1 0 0");
        row("one viewer", {expected("a", 1, 1)}, assumed(), "a 1 0 1");
        row("just full", {expected("a", 1, 2000)}, assumed(0), "a 1 0 1");
        row("one too many", {expected("a", 1, 2001)}, assumed(0), "a 1 0 2");
        row("headroom counts", {expected("a", 1, 1600)}, assumed(), "a 1 0 1");
        row("headroom needs one more", {expected("a", 1, 1601)}, assumed(), "a 1 0 2");
        row("twice the bitrate, twice the nodes", {expected("a", 1, 20000, 3000)}, assumed(0), "a 1 1 20");
        row("half the bitrate: sessions are the limit", {expected("a", 1, 20000, 750)}, assumed(0), "a 1 0 10");
        row("measured nodes", {expected("a", 1, 10000)}, measured(5000, 7'500'000'000, {}), "a 1 0 2");
        row("measured publishers", {expected("a", 90, 100)}, measured(5000, 7'500'000'000, 30), "a 3 0 1");
        row("streams that edges pull fill origins", {expected("a", 600, 20000)}, assumed(0), "a 3 0 10");
        row("what nobody watches is not pulled", {expected("a", 1500, 10)}, assumed(0), "a 1 0 1");
        row("many edges get relays", {expected("a", 1, 34000)}, assumed(0), "a 1 1 17");
        row("two regions with an edge each need no relay", {expected("a", 1, 10), expected("b", 0, 10)}, assumed(),
            "a 1 0 1, b 0 0 1");
        row("two edges in another region share a relay", {expected("a", 1, 10), expected("b", 0, 3000)}, assumed(0),
            "a 1 1 1, b 0 1 2");
        row("publishers only in one place, viewers only in another", {expected("a", 2, 0), expected("b", 0, 3000)},
            assumed(0), "a 1 0 0, b 0 0 2");
        row("the whole world", {expected("a", 10, 1'000'000), expected("b", 10, 500'000)}, assumed(),
            "a 1 8 625, b 1 4 313");
    }

    void demandBecomesNodes()
    {
        QFETCH(std::vector<RegionDemand>, demand);
        QFETCH(SizingBasis, basis);
        QFETCH(QString, nodes);
        const auto sizes = sizeNodes(demand, basis);
        QVERIFY(sizes.has_value());
        QCOMPARE(text(*sizes), nodes);
    }

    void whatOneNodeCarriesIsTold()
    {
        QCOMPARE(sizeNodes({expected("a", 1, 1, 1500)}, assumed())->front().viewersPerEdge, 2000);
        QCOMPARE(sizeNodes({expected("a", 1, 1, 6000)}, assumed())->front().viewersPerEdge, 500);
        QCOMPARE(sizeNodes({expected("a", 1, 1, 100'000)}, measured(10, 1'000'000, {}))->front().viewersPerEdge, 1);
    }

    void moreThanAGroupHoldsIsRefusedWithItsPlace()
    {
        const auto sizes = sizeNodes({expected("a", 1, 10), expected("b", 0, 100'000'000)}, assumed());
        QVERIFY(!sizes);
        QCOMPARE(sizes.error().code, ErrorCode::ResourceExhausted);
        QCOMPARE(sizes.error().pointer, std::string("/demand/1"));
        QVERIFY(sizes.error().message.find("62500 edges") != std::string::npos);
    }

    void bitratesGrowWithPictureAndFrames()
    {
        QCOMPARE(usualKilobits(720, 30), 1510);
        QCOMPARE(usualKilobits(1080, 30), 3000);
        QCOMPARE(usualKilobits(1080, 60), 4500);
        QCOMPARE(usualKilobits(576, 25), 1510 * 55 / 60);
        QCOMPARE(usualKilobits(4320, 30), 10000);
    }

    void nodeHoursAreThoseOfTheFloors()
    {
        PlanDocument document;
        document.nodeGroups = {plannedGroup("live", 2, 8)};
        document.schedules = {dailySchedule("evening", "20:00", 4, ActiveEffect{})};
        const CapacityPlan plan = compiled(document);
        const NodeSeconds week = nodeSeconds(plan.preview(utc("2026-06-01T00:00"), utc("2026-06-08T00:00")));
        // 7 evenings of 4 hours, 2 nodes of each role in each of 3 places.
        QCOMPARE(week.at("edge"), std::int64_t{7} * 4 * 3600 * 2 * 3);
        QCOMPARE(total(week), 2 * week.at("edge"));
    }

    void costIsUnknownWhereAPriceIsMissing()
    {
        const NodeSeconds seconds = {{"edge", 7200}, {"origin", 3600}};
        QVERIFY(!costOf(seconds, {}));
        QVERIFY(!costOf(seconds, {"EUR", {{"edge", 0.5}}}));
        QCOMPARE(costOf(seconds, {"EUR", {{"edge", 0.5}, {"origin", 2}}}), std::optional(3.0));
    }
};

QTEST_GUILESS_MAIN(SizingTest)
#include "sizing_test.moc"
