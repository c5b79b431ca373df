#include "core/base/random.h"
#include "core/engine/capacity.h"
#include "tests/support/groups.h"
#include "tests/support/router.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const TimePoint start = fromEpochMs(1'800'000'000'000);

NodeImageRecord measuredImage(int viewersPerCore)
{
    CapacityMeasurement measurement;
    measurement.viewersPerCore = viewersPerCore;
    return {"node-0.1", "", {measurement}};
}

NodeStatus nodeWith(const NodeGroup& group, const std::string& id, const std::string& role, const NodeLimits& limits)
{
    NodeStatus status;
    status.node.id = NodeId(id);
    status.node.pool = PoolKey{group.name, "eu-west-1", role};
    status.node.state = NodeState::InService;
    status.limits = limits;
    return status;
}

// A group whose edges e0, e1... have these limits; live/show1 is live on o1.
Snapshot worldOf(const std::vector<NodeLimits>& edges)
{
    Snapshot snapshot;
    NodeGroupStatus group;
    group.group = makeGroup();
    for (std::size_t i = 0; i < edges.size(); ++i)
        snapshot.nodes.push_back(nodeWith(group.group, "e" + std::to_string(i), "edge", edges[i]));
    snapshot.nodes.push_back(nodeWith(group.group, "o1", "origin", {}));
    StreamStatus stream;
    stream.nodeGroup = group.group.name;
    stream.origin = NodeId("o1");
    stream.ingest.key = {"live", "show1"};
    stream.ingest.bitsPerSecond = 1'500'000;
    snapshot.streams = {stream};
    snapshot.nodeGroups = {group};
    return snapshot;
}

RouteRequest subscribe()
{
    RouteRequest request;
    request.nodeGroup = NodeGroupName("eu-live");
    request.stream = {"live", "show1"};
    return request;
}

NodeLimits viewers(int count)
{
    NodeLimits limits;
    limits.viewers = count;
    limits.source = LimitSource::Measured;
    return limits;
}

}  // namespace

class CapacityTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutAMeasurementTheDefaultHolds()
    {
        const NodeImageRecord described{"node-0.1", "not measured", {}};
        for (const NodeImageRecord* image : {static_cast<const NodeImageRecord*>(nullptr), &described}) {
            const NodeLimits limits = capacity::limitsOf(image, 8);
            QCOMPARE(limits.viewers, 2000);
            QCOMPARE(limits.bitsOutPerSecond, std::int64_t(3'000'000'000));
            QVERIFY(!limits.publishers && limits.source == LimitSource::Default);
        }
    }

    void theNewestMeasurementCountsForEachCore()
    {
        NodeImageRecord image = measuredImage(2500);
        image.measurements.front().publishersPerCore = 300;
        image.measurements.push_back(measuredImage(1).measurements.front());
        const NodeLimits limits = capacity::limitsOf(&image, 4);
        QCOMPARE(limits.viewers, 10'000);
        QCOMPARE(limits.bitsOutPerSecond, 10'000 * std::int64_t(1'510'000));
        QCOMPARE(limits.publishers, std::optional(1200));
        QVERIFY(limits.source == LimitSource::Measured);
        QCOMPARE(capacity::limitsOf(&image, 0).viewers, 2500);
        image.measurements.front().viewersPerCore = 1'000'000;
        QCOMPARE(capacity::limitsOf(&image, 4096).viewers, INT_MAX);
    }

    void expectedViewersAreDividedByTheWeakestImageThatServesThem()
    {
        NodeImageRecord edges = measuredImage(500);
        edges.measurements.front().cores = 4;
        const NodeImageRecord origins = measuredImage(1);
        NodeGroup group = makeGroup();
        group.images = {{"edges", "node-1", "", {}, ""}, {"origins", "node-2", "", {}, ""}};
        for (Role& role : group.roles)
            role.imageName = role.can(Capability::Subscribe) ? "edges" : "origins";
        const auto perNode = [&] {
            return capacity::planOptions(group, [&](const std::string& image) -> const NodeImageRecord* {
                return image == "node-1" ? &edges : image == "node-2" ? &origins : nullptr;
            });
        };
        QCOMPARE(perNode(), (PlanOptions{2000, LimitSource::Measured}));
        edges.measurements.front().viewersPerCore = 300;
        QCOMPARE(perNode(), (PlanOptions{1200, LimitSource::Measured}));
        edges.measurements.clear();
        QCOMPARE(perNode(), PlanOptions());
        group.roles.clear();
        QCOMPARE(perNode(), PlanOptions());
    }

    void theDearestDecides()
    {
        NodeLimits limits = viewers(1000);
        limits.bitsOutPerSecond = 1'000'000'000;
        QCOMPARE(capacity::shareOf({}, limits), std::int64_t(0));
        QCOMPARE(capacity::shareOf({500, 0, 0}, limits), std::int64_t(500'000));
        QCOMPARE(capacity::shareOf({500, 2'000'000'000, 0}, limits), std::int64_t(2'000'000));
        QCOMPARE(capacity::shareOf({1, 0, 999}, limits), std::int64_t(1000));
        limits.publishers = 1000;
        QCOMPARE(capacity::shareOf({1, 0, 999}, limits), std::int64_t(999'000));
        QVERIFY(capacity::shareOf({0, INT64_MAX, 0}, limits) > capacity::wholeShare);
    }

    void theNodeWithMoreLeftIsPreferred()
    {
        Router balancer;
        Snapshot snapshot = worldOf({viewers(1000), viewers(4000)});
        snapshot.nodes[0].load.subscribers = 500;
        snapshot.nodes[1].load.subscribers = 1500;
        QCOMPARE(balancer.route(snapshot, subscribe(), start)->front().node, NodeId("e1"));
    }

    void childrenAndBitsCountToo()
    {
        Router balancer;
        Snapshot snapshot = worldOf({viewers(10), viewers(10)});
        snapshot.nodes[0].load.children = 10;
        snapshot.nodes[1].servedBitsPerSecond = 3'000'000'000;
        const auto refused = balancer.route(snapshot, subscribe(), start);
        QCOMPARE(refused.error().code, ErrorCode::ResourceExhausted);
        QVERIFY(refused.error().message.find("All 2 nodes") != std::string::npos);
        snapshot.nodes[1].servedBitsPerSecond = 0;
        QCOMPARE(balancer.route(snapshot, subscribe(), start)->front().node, NodeId("e1"));
    }

    void aGroupMayAcceptBeyondTheLimit()
    {
        Router balancer;
        Snapshot snapshot = worldOf({viewers(1), viewers(2)});
        snapshot.nodeGroups[0].group.whenFull = WhenFull::Accept;
        std::map<std::string, int> given;
        for (int i = 0; i < 6; ++i)
            ++given[balancer.route(snapshot, subscribe(), start)->front().node.value];
        QCOMPARE(given, (std::map<std::string, int>{{"e0", 2}, {"e1", 4}}));
    }

    // Promises count until they show up in a report, so that the sum is never above the limit.
    void noNodeIsEverGivenMoreThanItCarries()
    {
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            Random random(seed);
            std::vector<NodeLimits> limits;
            for (std::uint64_t i = 0; i <= random.below(4); ++i)
                limits.push_back(viewers(static_cast<int>(random.below(40))));
            Snapshot snapshot = worldOf(limits);
            Router balancer(seed);
            std::vector<int> given(limits.size());
            TimePoint now = start;
            for (int i = 0; i < 200; ++i) {
                if (const auto targets = balancer.route(snapshot, subscribe(), now))
                    ++given[static_cast<std::size_t>(targets->front().node.value[1] - '0')];
                else
                    QCOMPARE(targets.error().code, ErrorCode::ResourceExhausted);
                if (random.below(5) != 0)
                    continue;
                now += 1s;
                // Those who came are reported, all of them at the latest after a few seconds.
                for (std::size_t node = 0; node < given.size(); ++node)
                    snapshot.nodes[node].load.subscribers = given[node];
            }
            for (std::size_t node = 0; node < given.size(); ++node) {
                const int most = limits[node].viewers;
                QVERIFY2(given[node] <= most, qPrintable(QStringLiteral("seed %1: node %2").arg(seed).arg(node)));
            }
            const bool hasRoom = std::ranges::any_of(limits, [](const NodeLimits& l) { return l.viewers > 0; });
            QVERIFY(!hasRoom || std::ranges::any_of(given, [](int count) { return count > 0; }));
        }
    }
};

QTEST_GUILESS_MAIN(CapacityTest)
#include "capacity_test.moc"
