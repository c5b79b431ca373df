#include "tests/support/planned_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const std::string show = "live/show1";

NodeGroup groupWith(int standby, int max = 8)
{
    NodeGroup group = makeGroup({"eu-live", 1, 0, 1});
    ScaleRule& edges = group.subgroups[0].rules[0];
    edges.max = max;
    edges.load = LoadScaling();
    edges.load->standby = standby;
    return group;
}

// One edge that serves, others that stand by, and an origin with a stream.
class StandbyWorld : public PlannedWorld
{
public:
    explicit StandbyWorld(int standby = 2, int max = 8) : PlannedWorld("2026-06-01T12:00")
    {
        put(groupWith(standby, max));
        elapse(10s);
        publish(find("origin").front(), show);
        elapse(5s);
        bootTime = 60s;
    }

    std::vector<NodeId> standingBy() const { return find("edge", NodeState::Started); }

    void watch(int viewersPerEdge)
    {
        for (const NodeId& id : find("edge"))
            nodes.at(id).viewers[StreamKey::parse(show).value()] = viewersPerEdge;
    }
};

}  // namespace

class StandbyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whoStandsByServesAsSoonAsItIsWanted()
    {
        StandbyWorld world;
        QCOMPARE(world.pool().standby, 2);
        QCOMPARE(world.pool().warming, 0);
        QCOMPARE(world.pool().wanted, 1);
        QCOMPARE(world.edgesInService(), 1u);
        world.watch(1900);
        world.elapse(8s);
        QCOMPARE(world.edgesInService(), 3u);
        QVERIFY(world.pool().warming >= 1);
        world.elapse(90s);
        QCOMPARE(world.pool().standby, 2);
    }

    void aLostNodeIsReplacedWithoutABoot()
    {
        StandbyWorld world;
        world.kill(world.find("edge").front());
        world.elapse(1s);
        QCOMPARE(world.edgesInService(), 1u);
        world.elapse(90s);
        QCOMPARE(world.pool().standby, 2);
    }

    void aSilentOneIsReplaced()
    {
        StandbyWorld world;
        const NodeId silent = world.standingBy().front();
        world.nodes.at(silent).isSilent = true;
        world.elapse(200s);
        QVERIFY(!world.storedNodes.contains(silent) || world.storedNodes.at(silent).health == NodeHealth::Dead);
        QCOMPARE(world.pool().standby, 2);
        QCOMPARE(world.edgesInService(), 1u);
    }

    void aRestartWakesNobody()
    {
        StandbyWorld world;
        const auto launches = world.launches.size();
        const auto before = world.standingBy();
        world.restartEngine(5s);
        world.elapse(60s);
        QCOMPARE(world.edgesInService(), 1u);
        QVERIFY(world.standingBy() == before);
        QCOMPARE(world.launches.size(), launches);
    }

    void theCeilingHoldsForThemToo()
    {
        QCOMPARE(StandbyWorld(5, 3).pool().standby, 2);
        QCOMPARE(StandbyWorld(5, 1).pool().standby, 0);
    }

    void theyEndWhenNobodyWantsThemAnyMore()
    {
        StandbyWorld world;
        world.put(groupWith(0));
        world.elapse(700s);
        QCOMPARE(world.pool().standby, 0);
        QCOMPARE(world.edgesInService(), 1u);
        QVERIFY(world.standingBy().empty());
    }
};

QTEST_GUILESS_MAIN(StandbyTest)
#include "standby_test.moc"
