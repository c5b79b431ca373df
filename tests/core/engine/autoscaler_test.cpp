#include "tests/support/planned_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const std::string show = "live/show1";

NodeGroup scalingGroup(int min = 1, int max = 8)
{
    NodeGroup group = makeGroup({"eu-live", 1, 0, min});
    ScaleRule& edges = group.subgroups[0].rules[0];
    edges.max = max;
    edges.outExpression = "avg(connections.subscriber) > 200";
    edges.inExpression = "avg(connections.subscriber) < 100";
    edges.capacityRankingExpression = "connections.subscriber";
    return group;
}

// Edges that scale by their viewers, and an origin with the stream that these watch.
class ScalingWorld : public PlannedWorld
{
public:
    explicit ScalingWorld(NodeGroup group = scalingGroup()) : PlannedWorld("2026-06-01T12:00")
    {
        put(std::move(group));
        elapse(10s);
        publish(find("origin").front(), show);
        elapse(2s);
    }

    // So many viewers on each edge in service, in the order of ids.
    void watch(const std::vector<int>& viewers)
    {
        const auto edges = find("edge");
        HG_CHECK(edges.size() == viewers.size());
        for (std::size_t i = 0; i < edges.size(); ++i)
            nodes.at(edges[i]).viewers[StreamKey::parse(show).value()] = viewers[i];
    }

    void everybodyLeaves()
    {
        for (auto& [id, node] : nodes)
            node.viewers.clear();
    }
};

}  // namespace

class AutoscalerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void viewersBringNodesWhichLeaveLongAfterThem()
    {
        ScalingWorld world;
        QCOMPARE(world.edgesInService(), 1u);
        world.bootTime = 20s;
        world.watch({500});
        world.elapse(6s);
        QCOMPARE(world.pool().wanted, 3);
        QCOMPARE(world.pool().reasons.back(), std::string("avg(connections.subscriber) 500 > 200 -> true"));
        QCOMPARE(world.sentences("pool.scale-out"),
                 (std::vector<std::string>{
                     "The pool edge in eu-west-1 grows from 1 to 3 nodes: avg(connections.subscriber) 500 > 200 "
                     "-> true."}));
        world.elapse(30s);
        QCOMPARE(world.edgesInService(), 3u);
        QCOMPARE(world.auditCount("pool.scale-out"), 1);
        world.everybodyLeaves();
        world.elapse(290s);
        QCOMPARE(world.edgesInService(), 3u);
        world.elapse(30s);
        QCOMPARE(world.edgesInService(), 2u);
        world.elapse(70s);
        QCOMPARE(world.edgesInService(), 1u);
        QCOMPARE(world.auditCount("pool.scale-in"), 2);
        world.elapse(1000s);
        QCOMPARE(world.edgesInService(), 1u);
        QCOMPARE(world.nodes.size(), 2u);
        QCOMPARE(world.stepsNotIdempotent, 0);
    }

    void theOneWithTheLowestRankLeaves()
    {
        ScalingWorld world(scalingGroup(3));
        world.put(scalingGroup(1));
        world.elapse(1s);
        QCOMPARE(world.edgesInService(), 1u);
        world.watch({700});
        world.elapse(20s);
        QCOMPARE(world.edgesInService(), 4u);
        world.watch({40, 10, 30, 20});
        const NodeId least = world.find("edge")[1];
        world.elapse(320s);
        QCOMPARE(world.edgesInService(), 3u);
        QVERIFY(world.node(least)->state == NodeState::SoftSunset);
    }

    void aNodeThatDrainsIsTakenBackBeforeAnyStarts()
    {
        ScalingWorld world;
        world.watch({500});
        world.elapse(20s);
        world.watch({20, 20, 20});
        world.elapse(310s);
        QCOMPARE(world.edgesInService(), 2u);
        const auto launches = world.launches.size();
        world.watch({300, 300});
        world.elapse(6s);
        QCOMPARE(world.edgesInService(), 3u);
        QCOMPARE(world.launches.size(), launches);
        QCOMPARE(world.auditCount("node.undrain"), 1);
    }

    void originsWithPublishersStay()
    {
        NodeGroup group = scalingGroup();
        ScaleRule& origins = group.subgroups[0].rules[1];
        origins.max = 4;
        origins.outExpression = "avg(connections.publisher) > 2";
        origins.inExpression = "avg(connections.publisher) < 3";
        ScalingWorld world(group);
        const NodeId first = world.find("origin").front();
        for (int i = 2; i <= 5; ++i)
            world.publish(first, "live/show" + std::to_string(i));
        world.elapse(20s);
        QCOMPARE(world.find("origin").size(), 3u);
        for (const NodeId& id : world.find("origin")) {
            world.nodes.at(id).published.clear();
            world.publish(id, "live/on-" + id.value);
        }
        world.elapse(1000s);
        QCOMPARE(world.find("origin").size(), 3u);
        const auto waits = world.group().waitsFor;
        QVERIFY(std::ranges::count(waits, "Scaling of origin in eu-west-1 waits: every node has publishers.") == 1);
        world.nodes.at(world.find("origin").back()).published.clear();
        const NodeId free = world.find("origin").back();
        world.elapse(10s);
        QCOMPARE(world.find("origin").size(), 2u);
        QVERIFY(!world.nodes.contains(free));
        QVERIFY(world.terminatedWhilePublishing.empty());
    }

    void silentNodesHoldAllBack()
    {
        ScalingWorld world;
        world.watch({500});
        world.elapse(20s);
        world.everybodyLeaves();
        world.elapse(280s);
        for (const NodeId& id : world.find("edge"))
            world.nodes.at(id).isSilent = true;
        world.elapse(7s);  // not yet dead
        for (auto& [id, node] : world.nodes)
            node.isSilent = false;
        world.elapse(290s);
        QCOMPARE(world.auditCount("pool.scale-in"), 0);
        world.elapse(30s);
        QCOMPARE(world.auditCount("pool.scale-in"), 1);
    }

    void aRestartLosesNoNodes()
    {
        ScalingWorld world;
        world.watch({500});
        world.elapse(20s);
        QCOMPARE(world.edgesInService(), 3u);
        world.restartEngine(5s);
        world.elapse(60s);
        QCOMPARE(world.edgesInService(), 3u);
        QCOMPARE(world.pool().wanted, 3);
        QCOMPARE(world.pool().reasons.back(), std::string("its nodes stay until inExpression lets them go"));
        world.everybodyLeaves();
        world.elapse(500s);
        QCOMPARE(world.edgesInService(), 1u);
    }

    void aDeadNodeIsReplacedThoughThePlanWouldNotMissIt()
    {
        ScalingWorld world;
        world.watch({500});
        world.elapse(20s);
        world.kill(world.find("edge").back());
        world.elapse(10s);
        QCOMPARE(world.edgesInService(), 3u);
    }

    void pausedManualAndStoppedPoolsDoNotScale()
    {
        NodeGroup group = scalingGroup();
        group.isScalingPaused = true;
        ScalingWorld world;
        world.put(group);
        world.watch({5000});
        world.elapse(60s);
        QCOMPARE(world.edgesInService(), 1u);
        group.isScalingPaused = false;
        group.roles[0].lifecycle = RoleLifecycle::Manual;
        world.put(group);
        world.elapse(60s);
        QCOMPARE(world.edgesInService(), 1u);
        world.put(scalingGroup());
        world.elapse(20s);
        QCOMPARE(world.edgesInService(), 8u);
    }

    void aPauseIsNoCalm()
    {
        ScalingWorld world;
        world.watch({500});
        world.elapse(20s);
        world.everybodyLeaves();
        world.elapse(200s);
        NodeGroup paused = scalingGroup();
        paused.isScalingPaused = true;
        world.put(paused);
        world.elapse(500s);
        world.put(scalingGroup());
        world.elapse(290s);
        QCOMPARE(world.edgesInService(), 3u);
        world.elapse(30s);
        QCOMPARE(world.edgesInService(), 2u);
    }

    void aSmallerPlanIsObeyedAtOnce()
    {
        ScalingWorld world;
        world.watch({5000});
        world.elapse(20s);
        QCOMPARE(world.edgesInService(), 8u);
        world.create(edgeOverlay("cheap", "2026-06-01T12:02", "2026-06-01T12:30", CeilBounds{2}));
        world.elapseTo("2026-06-01T12:03");
        QCOMPARE(world.edgesInService(), 2u);
        QCOMPARE(world.pool().wanted, 2);
    }

    void whatNodesDoNotTellIsForeseenAndTold()
    {
        ScalingWorld world;
        NodeGroup group = scalingGroup();
        group.subgroups[0].rules[0].outExpression = "avg(cpu.system.load) > 0.8";
        const auto outcome = world.submit(ReplaceNodeGroup{group}, {}, Execution::DryRun);
        QVERIFY(outcome.has_value());
        QVERIFY(std::ranges::count(outcome->effects, "The outExpression of edge in eu-west-1 does nothing: nodes do "
                                                     "not tell cpu.system.load.") == 1);
        world.put(group);
        world.elapse(5s);
        QVERIFY(std::ranges::count(world.group().waitsFor,
                                   "Scaling of edge in eu-west-1 waits: avg(cpu.system.load) ? > 0.8 -> nothing: There "
                                   "is no figure of cpu.system.load.") == 1);
    }

    void expressionsThatCannotBeReadAreRefusedAlsoInADryRun()
    {
        ScalingWorld world;
        NodeGroup group = scalingGroup();
        group.subgroups[0].rules[0].outExpression = "avg(connections.subscriber) >= 200";
        for (const Execution execution : {Execution::DryRun, Execution::Commit}) {
            const auto outcome = world.submit(ReplaceNodeGroup{group}, {}, execution);
            QVERIFY(!outcome.has_value());
            QCOMPARE(outcome.error().pointer, std::string("/subgroups/0/rules/0/outExpression"));
            QCOMPARE(outcome.error().message, std::string("The outExpression of role edge in eu-west-1 cannot be read. "
                                                          "Column 29: there are no comparisons with \"=\"."));
        }
    }
};

QTEST_APPLESS_MAIN(AutoscalerTest)
#include "autoscaler_test.moc"
