#include "tests/support/planned_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const std::string show = "live/show1";

NodeGroup loadGroup(int min = 1, int max = 8)
{
    NodeGroup group = makeGroup({"eu-live", 1, 0, min});
    ScaleRule& edges = group.subgroups[0].rules[0];
    edges.max = max;
    edges.load = LoadScaling();
    return group;
}

// Edges that scale by their load, and an origin with the stream that is watched.
class LoadedWorld : public PlannedWorld
{
public:
    explicit LoadedWorld(NodeGroup group = loadGroup()) : PlannedWorld("2026-06-01T12:00")
    {
        put(std::move(group));
        elapse(10s);
        publish(find("origin").front(), show);
        elapse(2s);
    }

    void watch(int viewersPerEdge)
    {
        for (const NodeId& id : find("edge"))
            nodes.at(id).viewers[StreamKey::parse(show).value()] = viewersPerEdge;
    }

    // So many are turned away each second and come again.
    void turnAway(int viewers, Duration duration, const std::string& role = "edge")
    {
        PoolDemand demand;
        demand.pool = {NodeGroupName("eu-live"), "eu-west-1", role};
        demand.waitingViewers = viewers;
        for (const TimePoint end = now() + duration; now() < end; elapse(1s))
            observe(DemandObserved{{demand}});
    }
};

}  // namespace

class LoadScalingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void viewersBringNodesWhichLeaveLongAfterThem()
    {
        LoadedWorld world;
        QCOMPARE(world.edgesInService(), 1u);
        world.bootTime = 20s;
        world.watch(1900);
        world.elapse(6s);
        QVERIFY(world.pool().wanted >= 3);
        const auto told = world.sentences("pool.scale-out");
        QVERIFY(told.front().starts_with("The pool edge in eu-west-1 grows from 1 to "));
        QVERIFY(told.front().find("1900 viewers (1900 viewers there, 0 promised, 0 turned away), 2000 a node: react 2 "
                                  "= 1900 / 70 %") != std::string::npos);
        QVERIFY(world.pool().reasons.back().find("react 2") != std::string::npos);
        world.watch(0);
        world.elapse(700s);
        QCOMPARE(world.edgesInService(), 1u);
        QVERIFY(world.auditCount("pool.scale-in") >= 2);
        QCOMPARE(world.stepsNotIdempotent, 0);
    }

    void expectedViewersFindTheirNodesAndMoreComeForMore()
    {
        LoadedWorld world;
        world.create(edgeOverlay("cup", "2026-06-01T12:10", "2026-06-01T12:40", ExpectedEffect{4800, {}, {}}));
        world.elapseTo("2026-06-01T12:09");
        QCOMPARE(world.edgesInService(), 1u);
        world.elapseTo("2026-06-01T12:10");
        QCOMPARE(world.edgesInService(), 3u);
        world.watch(1600);
        world.elapse(60s);
        QVERIFY(world.edgesInService() >= 4);  // 4800 viewers are more than 70 % of three nodes
        world.watch(0);
        world.elapseTo("2026-06-01T12:39");
        QCOMPARE(world.edgesInService(), 3u);
        world.elapseTo("2026-06-01T12:41");
        QCOMPARE(world.edgesInService(), 1u);
    }

    void whoIsTurnedAwayCounts()
    {
        LoadedWorld world;
        world.turnAway(4000, 5s);
        QCOMPARE(world.pool().wanted, 5);  // growth: at most four times 4000 and a node, but 21 s of it
        world.elapse(30s);
        QCOMPARE(world.edgesInService(), 5u);
    }

    void demandIsForgottenWhenNobodyTellsIt()
    {
        LoadedWorld world;
        world.turnAway(1000, 60s);
        world.elapse(400s);
        QCOMPARE(world.edgesInService(), 1u);
    }

    void theFirstViewerBringsTheFirstNode()
    {
        LoadedWorld world(loadGroup(0));
        world.elapse(400s);
        QCOMPARE(world.edgesInService(), 0u);
        world.turnAway(1, 10s);
        QCOMPARE(world.edgesInService(), 1u);
    }

    void nodesThatDrainAreTakenBackBeforeAnyStarts()
    {
        LoadedWorld world;
        world.watch(1900);
        world.elapse(30s);
        const auto most = world.edgesInService();
        QVERIFY(most >= 3);
        world.watch(20);
        world.elapse(400s);
        QVERIFY(world.edgesInService() < most);
        const auto served = world.edgesInService(), launches = world.launches.size();
        world.watch(1400);
        world.elapse(8s);
        QVERIFY(world.auditCount("node.undrain") >= 1);
        QVERIFY(world.launches.size() - launches < world.edgesInService() - served);
    }

    void aCeilingIsToldOnce()
    {
        LoadedWorld world(loadGroup(1, 2));
        world.turnAway(20'000, 60s);
        QCOMPARE(world.pool().wanted, 2);
        const auto told = world.sentences("pool.scale-out");
        QCOMPARE(told.size(), 1u);
        QVERIFY(told[0].find("to 2 nodes, the most that its plan allows, and wants ") != std::string::npos);
        QVERIFY(std::ranges::count(world.group().waitsFor,
                                   "Scaling of edge in eu-west-1 waits: its plan allows no more nodes.") == 1);
    }

    void aRestartLosesNoNodes()
    {
        LoadedWorld world;
        world.turnAway(4000, 10s);
        world.elapse(10s);
        const auto before = world.edgesInService();
        world.restartEngine(5s);
        world.elapse(60s);
        QCOMPARE(world.edgesInService(), before);
    }

    // Publishers come and go on origins that scale by them: whoever is to leave has none, and nobody is cut.
    void originsWithPublishersAreNeverEnded()
    {
        NodeGroup group = loadGroup();
        group.subgroups[0].rules[1].max = 6;
        group.subgroups[0].rules[1].load = LoadScaling();
        LoadedWorld world(group);
        NodeImageRecord image{"node-0.1", "", {CapacityMeasurement()}};
        image.measurements.front().viewersPerCore = 2000;
        image.measurements.front().publishersPerCore = 4;
        QVERIFY(world.submit(PutNodeImage{image}).has_value());
        std::uint64_t draw = 7;
        const auto drawn = [&draw](std::uint64_t below) {
            draw = draw * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
            return (draw >> 33) % below;
        };
        for (int i = 0; i < 400; ++i) {
            const auto origins = world.find("origin");
            for (const NodeId& id : origins)
                world.nodes.at(id).published.clear();
            const std::uint64_t publishers = i / 20 % 2 == 0 ? 12 : 1;
            for (std::uint64_t p = 0; p < publishers; ++p)
                world.publish(origins[drawn(origins.size())], "live/p" + std::to_string(p),
                              static_cast<std::uint64_t>(i) + 2);
            world.elapse(30s);
        }
        QVERIFY2(world.auditCount("pool.scale-in") > 10, std::to_string(world.auditCount("pool.scale-in")).c_str());
        QVERIFY(world.terminatedWhilePublishing.empty());
    }

    void loadAndExpressionsDoNotGoTogether()
    {
        LoadedWorld world;
        NodeGroup group = loadGroup();
        group.subgroups[0].rules[0].inExpression = "avg(connections.subscriber) < 100";
        const auto both = world.submit(ReplaceNodeGroup{group});
        QCOMPARE(both.error().pointer, std::string("/subgroups/0/rules/0/load"));
        group.subgroups[0].rules[0].inExpression = "";
        group.subgroups[0].rules[0].load->targetPercent = 100;
        const auto full = world.submit(ReplaceNodeGroup{group});
        QCOMPARE(full.error().pointer, std::string("/subgroups/0/rules/0/load/targetPercent"));
        QCOMPARE(full.error().message, std::string("The target is 100 percent, and it must be 10 to 95."));
    }
};

QTEST_APPLESS_MAIN(LoadScalingTest)
#include "load_scaling_test.moc"
