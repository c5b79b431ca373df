#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

ScriptedWorld worldOf(int edges)
{
    ScriptedWorld world;
    GroupShape shape;
    shape.edges = edges;
    if (!world.submit(CreateNodeGroup{makeGroup(shape)}))
        qFatal("the group was refused");
    return world;
}

}  // namespace

// What nodes find when they try themselves, and what the control plane sees when it looks.
class ReadinessTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nobodyComesIntoServiceBeforeItCanServe()
    {
        ScriptedWorld world = worldOf(1);
        world.elapse(2s);
        QCOMPARE(world.find("edge").size(), 1u);
        const NodeId first = world.find("edge").front();
        world.bootTime = 5s;
        world.kill(first);
        world.elapse(1s);
        for (auto& [id, node] : world.nodes) {
            if (node.launch.role.name == "edge")
                node.unready = "It gets nothing of live/show1 from node abc.";
        }
        world.elapse(30s);
        QVERIFY(world.find("edge").empty());
        QCOMPARE(world.find("edge", NodeState::Started).size(), 1u);
        const NodeId second = world.find("edge", NodeState::Started).front();
        const auto snapshot = world.snapshot();
        const std::string told = "Node " + second.value + " cannot serve. It gets nothing of live/show1 from node abc.";
        QVERIFY(std::ranges::count(snapshot->nodeGroups.front().waitsFor, told) == 1);
        world.nodes.at(second).unready.clear();
        world.elapse(2s);
        QCOMPARE(world.find("edge"), std::vector{second});
    }

    void whoNeverCanIsGivenUpWithItsReason()
    {
        ScriptedWorld world = worldOf(1);
        for (auto& [id, node] : world.nodes)
            node.unready = "Its RTMP port 1935 does not answer.";
        world.elapse(130s);
        QVERIFY(world.auditCount("node.launch-failed") > 0);
        const auto failed = std::ranges::find(world.audit, "node.launch-failed", &AuditRecord::verb);
        QVERIFY(failed->sentence.find("Its RTMP port 1935 does not answer.") != std::string::npos);
    }

    void whoCannotServeAnyMoreGetsNobodyNewAndIsReplacedAfterAMinute()
    {
        ScriptedWorld world = worldOf(2);
        world.elapse(30s);
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).unready = "1 of its 4 loops stand still.";
        world.elapse(2s);
        QCOMPARE(world.node(edge)->health, NodeHealth::Suspect);
        QCOMPARE(world.snapshot()->findNode(edge)->node.failure, std::string("1 of its 4 loops stand still."));
        QCOMPARE(world.auditCount("node.suspect"), 1);
        world.elapse(50s);
        QCOMPARE(world.node(edge)->health, NodeHealth::Suspect);
        QCOMPARE(world.launches.size(), 3u);
        world.elapse(15s);
        QCOMPARE(world.auditCount("node.quarantined"), 1);
        QCOMPARE(world.launches.size(), 4u);
        QCOMPARE(world.find("edge").size(), 2u);
        QVERIFY(world.probes.empty());  // it was heard all the while
        QCOMPARE(world.stepsNotIdempotent, 0);
    }

    void whoCanServeAgainIsHealthyAtOnce()
    {
        ScriptedWorld world = worldOf(2);
        world.elapse(30s);
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).unready = "Its HTTP port 5080 does not answer.";
        world.elapse(10s);
        QCOMPARE(world.node(edge)->health, NodeHealth::Suspect);
        world.nodes.at(edge).unready.clear();
        world.elapse(1s);
        QCOMPARE(world.node(edge)->health, NodeHealth::Healthy);
        QVERIFY(world.snapshot()->findNode(edge)->node.failure.empty());
        QCOMPARE(world.launches.size(), 3u);
    }

    void aSilentNodeThatAnswersHasMoreTimeButNotForEver()
    {
        ScriptedWorld world = worldOf(2);
        world.elapse(30s);
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).isSilent = true;
        world.nodes.at(edge).answers = true;
        world.elapse(25s);
        QCOMPARE(world.node(edge)->health, NodeHealth::Suspect);
        QVERIFY(world.probes.size() >= 15 && world.probes.size() <= 25);  // once a second, since it is suspect
        world.elapse(15s);
        QCOMPARE(world.node(edge)->health, NodeHealth::Dead);
        QCOMPARE(world.stepsNotIdempotent, 0);
    }

    void whoIsMissedByOneNodeAndDoesNotAnswerIsDeadSooner()
    {
        ScriptedWorld world = worldOf(1);
        world.elapse(30s);
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        world.nodes.at(world.find("edge").front()).viewers[StreamKey::parse("live/show1").value()] = 3;
        world.elapse(2s);
        world.nodes.at(origin).isSilent = true;
        world.isMediaStuck = true;
        world.elapse(5s);
        QCOMPARE(world.node(origin)->health, NodeHealth::Dead);
        QVERIFY(world.node(origin)->failure.find("and it does not answer") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(ReadinessTest)
#include "readiness_test.moc"
