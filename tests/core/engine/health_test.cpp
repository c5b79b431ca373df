#include "core/engine/pulse.h"
#include "core/engine/replacement_budget.h"
#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

ScriptedWorld runningWorld(const GroupShape& shape)
{
    ScriptedWorld world;
    if (!world.submit(CreateNodeGroup{makeGroup(shape)}))
        qFatal("the group was refused");
    world.elapse(30s);
    return world;
}

void silence(ScriptedWorld& world, const std::vector<NodeId>& ids, bool isSilent = true)
{
    for (const NodeId& id : ids)
        world.nodes.at(id).isSilent = isSilent;
}

GroupShape shapeOf(int edges, std::vector<std::string> leaves = {"eu-west-1"})
{
    GroupShape shape;
    shape.edges = edges;
    shape.leaves = std::move(leaves);
    return shape;
}

// Of a pool, what its group says it waits for.
std::string waitsFor(const ScriptedWorld& world)
{
    std::string text;
    const auto snapshot = world.snapshot();
    for (const std::string& sentence : snapshot->nodeGroups.front().waitsFor)
        text += sentence + "\n";
    return text;
}

}  // namespace

class HealthTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aSteadyPulseMakesSilenceTellingSoon()
    {
        Pulse pulse;
        for (int i = 0; i < 100; ++i)
            pulse.learn(1s);
        QCOMPARE(pulse.silenceAt(5), Duration(1'000 + 1'500 + 427));
        QCOMPARE(pulse.silenceAt(12), Duration(1'000 + 1'500 + 704));
        QCOMPARE(pulse.phiOf(1s), 0);
        QCOMPARE(pulse.phiOf(2'926ms), 4);
        QCOMPARE(pulse.phiOf(2'927ms), 5);
        QCOMPARE(pulse.phiOf(1h), Pulse::highestPhi);
    }

    void aPulseThatIsOftenLateIsGivenMoreTime()
    {
        Pulse steady, late, hurried;
        for (int i = 0; i < 100; ++i) {
            late.learn(i % 2 == 0 ? 1s : 2s);
            hurried.learn(i % 2 == 0 ? 100ms : 1s);
        }
        QVERIFY(late.silenceAt(5) > steady.silenceAt(5) + 1s);
        QCOMPARE(hurried.silenceAt(5), steady.silenceAt(5));
    }

    void whatIsLearntIsBounded()
    {
        Pulse pulse;
        for (int i = 0; i < 1'000; ++i)
            pulse.learn(i % 3 == 0 ? 1h : -1h);
        QVERIFY(pulse.silenceAt(5) <= 2s + 1500ms + 2133ms);
        QVERIFY(pulse.silenceAt(12) < 8s);
    }

    void aPoolThatIsLostAsAWholeIsReplacedAtOnceAndThenSlowly()
    {
        using Pace = ReplacementBudget::Pace;
        const TimePoint start(Duration(1'800'000'000'000));
        ReplacementBudget budget;
        NodeAllowance fleet;
        ReplacementBudget::settleFleet(fleet, 1'000, start);
        for (int i = 0; i < 20; ++i)
            budget.noteLoss();
        QCOMPARE(budget.take(20, 20, Pace::Full, fleet, start), 20);
        budget.noteLoss();
        budget.noteLoss();
        budget.noteLoss();
        QCOMPARE(budget.take(4, 20, Pace::Full, fleet, start), 1);  // which is wanted for another reason
        QCOMPARE(budget.withheld(), 3);
        QCOMPARE(budget.nextAt(), start + 30s);
        QCOMPARE(budget.take(3, 20, Pace::Full, fleet, start + 30s - 1ms), 0);
        QCOMPARE(budget.take(3, 20, Pace::Full, fleet, start + 30s), 1);
        QCOMPARE(budget.take(2, 20, Pace::Tenth, fleet, start + 60s), 0);
        QCOMPARE(budget.nextAt(), start + 30s + 300s);
        QCOMPARE(budget.take(2, 20, Pace::Tenth, fleet, start + 330s), 1);
        budget.noteReturn();
        QCOMPARE(budget.take(0, 20, Pace::Tenth, fleet, start + 330s), 0);
        QCOMPARE(budget.withheld(), 0);
    }

    void lossesOfManySmallPoolsKeepToTheFleetsBudget()
    {
        using Pace = ReplacementBudget::Pace;
        const TimePoint start(Duration(1'800'000'000'000));
        constexpr int pools = 30;
        NodeAllowance fleet;
        std::vector<ReplacementBudget> budgets(pools);
        std::vector<int> missing(pools, 2);
        for (ReplacementBudget& budget : budgets) {
            budget.noteLoss();
            budget.noteLoss();
        }
        // Each pool had two nodes and lost both, which its own budget would replace at once.
        const auto replace = [&](TimePoint now) {
            int replaced = 0;
            for (std::size_t i = 0; i < pools; ++i) {
                ReplacementBudget::settleFleet(fleet, 2 * pools, now);
                const int started = budgets[i].take(missing[i], 2, Pace::Full, fleet, now);
                missing[i] -= started;
                replaced += started;
            }
            return replaced;
        };
        QCOMPARE(replace(start), pools);  // half of all nodes
        QCOMPARE(budgets.back().withheld(), 2);
        QCOMPARE(budgets.back().nextAt(), start + 10s);
        QCOMPARE(replace(start + 10s - 1ms), 0);
        QCOMPARE(replace(start + 10s), 1);
        QCOMPARE(replace(start + 5min), pools - 1);
    }

    void anOriginThatStillFeedsItsEdgesIsNotTakenForDead()
    {
        ScriptedWorld world = runningWorld(shapeOf(2));
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).viewers[StreamKey::parse("live/show1").value()] = 3;
        world.elapse(2s);
        silence(world, {origin});
        world.elapse(120s);
        QCOMPARE(world.node(origin)->health, NodeHealth::Suspect);
        QVERIFY(waitsFor(world).find("is not heard, and stays: it feeds 1 node") != std::string::npos);
        world.nodes.at(edge).viewers.clear();
        world.elapse(4s);
        QCOMPARE(world.node(origin)->health, NodeHealth::Dead);
        QCOMPARE(world.find("origin").size(), 1u);
    }

    void whoIsMissedByTwoNodesIsDeadSooner()
    {
        ScriptedWorld world = runningWorld(shapeOf(2));
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        for (const NodeId& edge : world.find("edge"))
            world.nodes.at(edge).viewers[StreamKey::parse("live/show1").value()] = 3;
        world.elapse(2s);
        silence(world, {origin});
        world.isMediaStuck = true;
        world.elapse(5s);
        QCOMPARE(world.node(origin)->health, NodeHealth::Dead);
        QVERIFY(world.node(origin)->failure.find("2 nodes that pulled from it got nothing") != std::string::npos);
    }

    void whoFeedsNobodyAlthoughItIsHeardIsSuspect()
    {
        ScriptedWorld world = runningWorld(shapeOf(3));
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        std::vector<NodeId> edges = world.find("edge");
        const auto watch = [&](std::size_t nodes) {
            for (std::size_t i = 0; i < nodes; ++i)
                world.nodes.at(edges[i]).viewers[StreamKey::parse("live/show1").value()] = 3;
        };
        watch(2);
        world.elapse(3s);
        world.isMediaStuck = true;
        world.elapse(30s);
        QCOMPARE(world.node(origin)->health, NodeHealth::Healthy);
        watch(3);
        world.elapse(3s);
        QCOMPARE(world.node(origin)->health, NodeHealth::Suspect);
        QCOMPARE(world.auditCount("node.suspect"), 1);
        // It is heard: that is as bad as it gets.
        world.elapse(60s);
        QCOMPARE(world.node(origin)->health, NodeHealth::Suspect);
        world.isMediaStuck = false;
        world.elapse(6s);
        QCOMPARE(world.node(origin)->health, NodeHealth::Healthy);
        QCOMPARE(world.stepsNotIdempotent, 0);
    }

    void whoFallsSilentAgainAndAgainIsQuarantined()
    {
        ScriptedWorld world = runningWorld(shapeOf(2));
        const NodeId edge = world.find("edge").front();
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(world.node(edge)->state, NodeState::InService);
            silence(world, {edge});
            world.elapse(4s);
            silence(world, {edge}, false);
            world.elapse(20s);
        }
        QVERIFY(!world.node(edge));
        QCOMPARE(world.auditCount("node.quarantined"), 1);
        QCOMPARE(world.find("edge").size(), 2u);
    }

    void aQuarantinedNodeMayBeTakenBackByAnOperator()
    {
        ScriptedWorld world = runningWorld(shapeOf(2));
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        for (int i = 0; i < 4; ++i) {
            silence(world, {origin});
            world.elapse(4s);
            silence(world, {origin}, false);
            world.elapse(20s);
        }
        QCOMPARE(world.node(origin)->health, NodeHealth::Quarantined);
        QCOMPARE(world.node(origin)->state, NodeState::SoftSunset);
        QVERIFY(world.submit(UndrainNode{origin}).has_value());
        QCOMPARE(world.node(origin)->health, NodeHealth::Healthy);
        QVERIFY(world.node(origin)->failure.empty());
    }

    void aRegionThatFallsSilentIsKeptAndReplaced()
    {
        ScriptedWorld world = runningWorld(shapeOf(6, {"east", "west"}));
        world.bootTime = 60s;
        std::vector<NodeId> lost;
        for (const auto& [id, node] : world.nodes) {
            if (node.launch.node.region == "east")
                lost.push_back(id);
        }
        QCOMPARE(lost.size(), 7u);
        silence(world, lost);
        world.elapse(4s);
        QCOMPARE(world.auditCount("region.degraded"), 1);
        world.elapse(5s);
        QCOMPARE(world.node(lost.front())->health, NodeHealth::Partitioned);
        QCOMPARE(world.launches.size(), 14u + 7u);
        world.elapse(120s);
        QVERIFY(world.terminated.empty());
        QVERIFY(waitsFor(world).find("Region east lost 7 nodes at once") != std::string::npos);

        // They were out of reach only: they serve at once, and leave when the region is calm.
        silence(world, lost, false);
        world.elapse(3s);
        QCOMPARE(world.node(lost.front())->health, NodeHealth::Healthy);
        QCOMPARE(world.node(lost.front())->state, NodeState::InService);
        QVERIFY(world.terminated.empty());
        world.elapse(300s);
        QCOMPARE(world.auditCount("region.recovered"), 1);
        QCOMPARE(world.nodes.size(), 14u);
    }

    void whoIsNotHeardWhenTheRegionIsCalmIsDead()
    {
        ScriptedWorld world = runningWorld(shapeOf(6, {"east", "west"}));
        std::vector<NodeId> lost = world.find("edge");
        lost.resize(4);
        silence(world, lost);
        world.elapse(10s);
        QCOMPARE(world.auditCount("region.degraded"), 1);
        QCOMPARE(world.auditCount("node.died") + world.auditCount("node.partitioned"), 4);
        world.elapse(360s);
        QCOMPARE(world.auditCount("node.died"), 4);
        for (const NodeId& id : lost)
            QVERIFY(!world.nodes.contains(id));
    }

    void aControlPlaneThatHearsNobodyEndsNobody()
    {
        ScriptedWorld world = runningWorld(shapeOf(3));
        std::vector<NodeId> all;
        for (const auto& [id, node] : world.nodes)
            all.push_back(id);
        silence(world, all);
        world.elapse(50s);
        QCOMPARE(world.auditCount("control-plane.isolated"), 1);
        QCOMPARE(world.launches.size(), all.size());
        QCOMPARE(world.node(all.front())->health, NodeHealth::Suspect);
        silence(world, all, false);
        world.elapse(5s);
        QCOMPARE(world.auditCount("control-plane.rejoined"), 1);
        QCOMPARE(world.find("edge").size(), 3u);
        silence(world, all);
        world.elapse(600s);
        // Others are there in the end, so it is not cut off; those that stay silent go, but for the origin.
        QCOMPARE(world.launches.size(), 2 * all.size());
        QCOMPARE(world.find("edge").size(), 3u);
        QCOMPARE(world.nodes.size(), 5u);
    }

    void noPoolScalesInWhileARegionIsDegraded()
    {
        ScriptedWorld world = runningWorld(shapeOf(8));
        std::vector<NodeId> lost = world.find("edge");
        lost.resize(4);
        for (const NodeId& id : lost)
            world.kill(id);
        QCOMPARE(world.auditCount("region.degraded"), 1);
        world.elapse(10s);
        QCOMPARE(world.find("edge").size(), 8u);
        NodeGroup smaller = makeGroup(shapeOf(2));
        QVERIFY(world.submit(ReplaceNodeGroup{smaller}).has_value());
        world.elapse(60s);
        QCOMPARE(world.find("edge").size(), 8u);  // of 12 that its ceiling allows
        for (ScaleRule& rule : smaller.subgroups.front().rules)
            rule.max = rule.min + 3;
        QVERIFY(world.submit(ReplaceNodeGroup{smaller}).has_value());
        world.elapse(60s);
        QCOMPARE(world.find("edge").size(), 5u);  // what the operator forbids leaves all the same
        world.elapse(300s);
        QCOMPARE(world.find("edge").size(), 2u);
    }
};

QTEST_GUILESS_MAIN(HealthTest)
#include "health_test.moc"
