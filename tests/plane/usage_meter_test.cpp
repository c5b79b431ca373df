#include "core/plane/usage_meter.h"
#include "core/store/store.h"

#include <QTemporaryDir>
#include <QtTest/QTest>

#include <chrono>

using namespace headgate;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

namespace {

const UsageDay today = std::chrono::year(2027) / 6 / 26;
const TimePoint noon = TimePoint(today) + 12h;

// Two edges and an origin of one group that belongs to a deployment, and an edge of one that does not.
Snapshot snapshotAt(TimePoint at)
{
    Snapshot snapshot;
    snapshot.takenAt = at;
    DeploymentStatus shop;
    shop.stored.deployment.name = "shop";
    shop.stored.deployment.nodeGroups = {NodeGroupName("eu")};
    snapshot.deployments = {shop};
    struct Place
    {
        const char* id;
        const char* group;
        const char* role;
    };
    for (const Place& place :
         {Place{"a", "eu", "origin"}, {"b", "eu", "edge"}, {"c", "eu", "edge"}, {"d", "us", "edge"}}) {
        NodeStatus status;
        status.node.id = NodeId(place.id);
        status.node.pool = {NodeGroupName(place.group), "here", place.role};
        status.node.state = NodeState::InService;
        status.node.createdAt = noon - 1h;
        snapshot.nodes.push_back(status);
    }
    return snapshot;
}

const UsageRow* rowOf(const UsageIncrement& increment, const std::string& deployment, const std::string& role,
                      UsageDay day = today)
{
    for (const UsageRow& row : increment.rows) {
        if (row.deployment == deployment && row.role == role && row.day == day)
            return &row;
    }
    return nullptr;
}

std::int64_t secondsOf(const UsageIncrement& increment)
{
    std::int64_t sum = 0;
    for (const UsageRow& row : increment.rows)
        sum += row.nodeSeconds;
    return sum;
}

}  // namespace

class UsageMeterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nodeTimeAddsUpByDeploymentAndRole()
    {
        UsageMeter meter({});
        meter.observe(snapshotAt(noon), 5min);  // what was before the first look is not known
        for (int second = 1; second <= 90; ++second)
            meter.observe(snapshotAt(noon + second * 1s), 1s);
        const UsageIncrement increment = meter.increment();
        QCOMPARE(rowOf(increment, "shop", "edge")->nodeSeconds, std::int64_t(180));
        QCOMPARE(rowOf(increment, "shop", "origin")->nodeSeconds, std::int64_t(90));
        QCOMPARE(rowOf(increment, "", "edge")->nodeSeconds, std::int64_t(90));
        QCOMPARE(increment.until, noon + 90s);
    }

    void machinesOfOneRoleAreToldApart()
    {
        Snapshot snapshot = snapshotAt(noon);
        NodeGroupStatus eu;
        eu.group.name = NodeGroupName("eu");
        eu.group.cloudProperties = "instance_type=c5.large";
        eu.group.images = {{"big", "node-1", "region=x;instance_type=c5.4xlarge", {}, {}}};
        eu.group.subgroups.resize(1);
        eu.group.subgroups[0].name = "here";
        snapshot.nodeGroups = {eu};
        snapshot.nodes[1].node.imageName = "big";
        UsageMeter meter({});
        meter.observe(snapshot, 0ms);
        snapshot.takenAt += 10s;
        meter.observe(snapshot, 10s);
        std::map<std::string, std::int64_t> edges;
        for (const UsageRow& row : meter.increment().rows) {
            if (row.deployment == "shop" && row.role == "edge")
                edges[row.instanceType] += row.nodeSeconds;
        }
        QVERIFY((edges == std::map<std::string, std::int64_t>{{"c5.4xlarge", 10}, {"c5.large", 10}}));
        meter.written(meter.increment());
        QVERIFY(meter.increment().rows.empty());
    }

    void partsOfSecondsAreNotLost()
    {
        UsageMeter meter({});
        meter.observe(snapshotAt(noon), 0ms);
        std::int64_t sum = 0;
        for (int i = 1; i <= 1000; ++i) {
            meter.observe(snapshotAt(noon + i * 250ms), 250ms);
            if (i % 7 == 0) {
                sum += secondsOf(meter.increment());
                meter.written(meter.increment());
            }
        }
        QCOMPARE(sum + secondsOf(meter.increment()), std::int64_t(4 * 250));
    }

    void whatIsNotWrittenIsTriedAgain()
    {
        UsageMeter meter({});
        meter.observe(snapshotAt(noon), 0ms);
        meter.observe(snapshotAt(noon + 60s), 60s);
        const UsageIncrement first = meter.increment();
        meter.observe(snapshotAt(noon + 120s), 60s);
        QCOMPARE(secondsOf(meter.increment()), 2 * secondsOf(first));
        meter.written(meter.increment());
        QVERIFY(meter.increment().rows.empty());
    }

    void bytesGoToViewersInTheirProportion()
    {
        Snapshot snapshot = snapshotAt(noon);
        snapshot.nodes[0].load.bitsInPerSecond = 8'000'000;
        snapshot.nodes[0].load.bitsOutPerSecond = 32'000'000;
        snapshot.nodes[0].load.subscribers = 1;
        snapshot.nodes[0].load.children = 3;
        UsageMeter meter({});
        meter.observe(snapshot, 0ms);
        snapshot.takenAt = noon + 10s;
        meter.observe(snapshot, 10s);
        const UsageIncrement increment = meter.increment();
        const UsageRow& origin = *rowOf(increment, "shop", "origin");
        QCOMPARE(origin.bytesIn, std::int64_t(10'000'000));
        QCOMPARE(origin.bytesOut, std::int64_t(40'000'000));
        QCOMPARE(origin.bytesDelivered, std::int64_t(10'000'000));
    }

    void midnightPartsTheDays()
    {
        const TimePoint midnight = TimePoint(today + std::chrono::days(1));
        UsageMeter meter({});
        meter.observe(snapshotAt(midnight - 20s), 0ms);
        meter.observe(snapshotAt(midnight + 40s), 60s);
        const UsageIncrement increment = meter.increment();
        QCOMPARE(rowOf(increment, "shop", "origin")->nodeSeconds, std::int64_t(20));
        QCOMPARE(rowOf(increment, "shop", "origin", today + std::chrono::days(1))->nodeSeconds, std::int64_t(40));
    }

    void aClockThatIsSetCountsNothingTwice()
    {
        UsageMeter meter({});
        meter.observe(snapshotAt(noon), 0ms);
        meter.observe(snapshotAt(noon + 10s), 10s);
        meter.observe(snapshotAt(noon - 1h), 10s);  // set back
        meter.observe(snapshotAt(noon - 1h + 10s), 10s);
        meter.observe(snapshotAt(noon + 24h), 10s);  // set forward
        QCOMPARE(secondsOf(meter.increment()), std::int64_t(4 * 40));
        // The same over a restart: it was counted until later than it is now.
        UsageMeter next(noon + 2h);
        next.observe(snapshotAt(noon), 0ms);
        QVERIFY(next.increment().rows.empty());
    }

    void nodesThatRanOnAreCounted()
    {
        UsageMeter meter(noon - 10min);
        Snapshot snapshot = snapshotAt(noon);
        snapshot.nodes[3].node.createdAt = noon - 1min;
        meter.observe(snapshot, 0ms);
        const UsageIncrement increment = meter.increment();
        QCOMPARE(rowOf(increment, "shop", "edge")->nodeSeconds, std::int64_t(2 * 600));
        QCOMPARE(rowOf(increment, "", "edge")->nodeSeconds, std::int64_t(60));
    }

    void whatDoesNotRunCostsNothing()
    {
        Snapshot snapshot = snapshotAt(noon);
        snapshot.nodes[0].node.health = NodeHealth::Dead;
        for (NodeState state : {NodeState::Requested, NodeState::Creating}) {
            snapshot.nodes[1].node.state = state;
            UsageMeter meter({});
            meter.observe(snapshot, 0ms);
            snapshot.takenAt += 10s;
            meter.observe(snapshot, 10s);
            QCOMPARE(secondsOf(meter.increment()), std::int64_t(20));
        }
    }

    // What a control plane that is killed and started again at any point has in its store.
    void theStoreHasEachIncrementOnce()
    {
        const QTemporaryDir folder;
        const std::string file = folder.filePath("store.sqlite").toStdString();
        TimePoint now = noon;
        std::int64_t reported = 0;
        for (int start = 0; start < 5; ++start) {
            const auto store = Store::open(file);
            QVERIFY(store.has_value());
            const auto until = (*store)->usageUntil();
            QVERIFY(until.has_value());
            UsageMeter meter(*until);
            meter.observe(snapshotAt(now), 0ms);
            for (int minute = 0; minute < 3; ++minute) {
                now += 60s;
                meter.observe(snapshotAt(now), 60s);
                const UsageIncrement increment = meter.increment();
                QVERIFY((*store)->addUsage(increment).has_value());
                meter.written(increment);
            }
            now += 25s;
            meter.observe(snapshotAt(now), 25s);  // dies before it is written
        }
        const auto report = Store::readUsage(file, {today, today});
        QVERIFY(report.has_value());
        for (const UsageRow& row : report->rows)
            reported += row.nodeSeconds;
        // The last 25 s are still to be counted, those before were made up for by the next start.
        QCOMPARE(reported, std::int64_t(4) * (5 * 180 + 4 * 25));
        QCOMPARE(report->rows.size(), std::size_t(3));
        QCOMPARE(report->countedUntil, now - 25s);
        QVERIFY(Store::readUsage(file, {today + std::chrono::days(1), today + std::chrono::days(9)})->rows.empty());
    }
};

QTEST_GUILESS_MAIN(UsageMeterTest)
#include "usage_meter_test.moc"
