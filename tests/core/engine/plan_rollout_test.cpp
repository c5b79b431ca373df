#include "tests/support/planned_world.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const StreamKey show{"live", "show1"};

NodeGroup withImage(const std::string& image, int edges)
{
    NodeGroup group = makeGroup({"eu-live", 1, 0, edges});
    group.images[0].image = image;
    return group;
}

// Edges in service that run from it.
int edgesOf(const PlannedWorld& world, const std::string& image)
{
    int count = 0;
    for (const NodeId& id : world.find("edge"))
        count += world.node(id)->launchedImage == image ? 1 : 0;
    return count;
}

void watchEverywhere(PlannedWorld& world)
{
    world.publish(world.find("origin").front(), "live/show1");
    world.elapse(2s);
    for (const NodeId& id : world.find("edge"))
        world.nodes.at(id).viewers[show] = 1;
    world.elapse(2s);
}

}  // namespace

class PlanRolloutTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNodeRemembersWhatItWasLaunchedFrom()
    {
        PlannedWorld world("2026-06-01T12:00", 1);
        const Node& edge = *world.node(world.find("edge").front());
        QCOMPARE(edge.launchedImage, std::string("node-0.1"));
        QCOMPARE(edge.launchedCapabilities, std::set<Capability>{Capability::Subscribe});
        world.restartEngine(2s);
        world.elapse(30s);
        QCOMPARE(world.launches.size(), 2u);
    }

    void anotherImageReplacesNodesOneByOneAndNeverBelowTheFloor()
    {
        PlannedWorld world("2026-06-01T12:00", 3);
        world.bootTime = 10s;
        world.put(withImage("node-0.2", 3));
        world.elapse(1s);
        QCOMPARE(world.pool().outdated, 3);
        QCOMPARE(world.group().waitsFor.front(), std::string("3 of 3 edges in eu-west-1 are to be replaced."));
        QVERIFY(world.group().activity == GroupActivity::Active);
        std::size_t most = 0;
        std::set<int> progress;
        while (world.pool().outdated > 0 && world.now() < TimePoint(utc("2026-06-01T12:10"))) {
            world.elapse(1s);
            QVERIFY(world.edgesInService() >= 3u);
            most = std::max(most, world.edgesInService() + world.find("edge", NodeState::Created).size());
            progress.insert(world.pool().outdated);
        }
        QCOMPARE(most, 4u);
        QCOMPARE(progress, (std::set<int>{0, 1, 2, 3}));
        world.elapse(5s);
        QCOMPARE(edgesOf(world, "node-0.2"), 3);
        QCOMPARE(world.pool("origin").outdated, 0);
        QCOMPARE(world.group().waitsFor, std::vector<std::string>());
        QCOMPARE(world.launches.size(), 8u);
    }

    void aTenthOfALargePoolIsReplacedAtATime()
    {
        PlannedWorld world("2026-06-01T12:00", 30);
        watchEverywhere(world);
        world.bootTime = 10s;
        const std::size_t launches = world.launches.size();
        world.put(withImage("node-0.2", 30));
        QCOMPARE(world.launches.size(), launches + 4);  // and the origin
        world.elapse(15s);
        QCOMPARE(edgesOf(world, "node-0.2"), 3);
        QCOMPARE(world.find("edge", NodeState::SoftSunset).size(), 3u);
        // Viewers keep these, and a minute later it goes on.
        world.elapse(40s);
        QCOMPARE(edgesOf(world, "node-0.2"), 3);
        world.elapse(30s);
        QCOMPARE(edgesOf(world, "node-0.2"), 6);
        QCOMPARE(world.edgesInService(), 30u);
    }

    void aPublisherKeepsItsOriginThroughTheChange()
    {
        PlannedWorld world("2026-06-01T12:00", 1);
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        world.put(withImage("node-0.2", 1));
        world.elapse(300s);
        QCOMPARE(world.node(origin)->state, NodeState::SoftSunset);
        QCOMPARE(world.find("origin").size(), 1u);
        QCOMPARE(world.group().waitsFor, (std::vector<std::string>{"1 publisher in eu-west-1 keeps its origin."}));
        world.nodes.at(origin).published.clear();
        world.elapse(5s);
        QVERIFY(!world.nodes.contains(origin));
        QVERIFY(world.terminatedWhilePublishing.empty());
    }

    void theChangeIsUndoneByTheFormerImageAsSlowlyAsItWasMade()
    {
        PlannedWorld world("2026-06-01T12:00", 3);
        watchEverywhere(world);
        const std::vector<NodeId> old = world.find("edge");
        world.put(withImage("node-0.2", 3));
        world.elapse(90s);
        QCOMPARE(edgesOf(world, "node-0.2"), 2);
        const std::size_t launches = world.launches.size();
        for (const NodeId& id : world.find("edge"))
            world.nodes.at(id).viewers[show] = 1;
        world.elapse(2s);
        world.put(withImage("node-0.1", 3));
        QCOMPARE(edgesOf(world, "node-0.1"), 2);
        QCOMPARE(edgesOf(world, "node-0.2"), 1);
        world.elapse(40s);
        QCOMPARE(edgesOf(world, "node-0.2"), 1);
        world.elapse(30s);
        QCOMPARE(world.find("edge"), old);
        QCOMPARE(world.pool().outdated, 0);
        QCOMPARE(world.auditCount("node.undrain"), 3);  // and the origin
        QCOMPARE(world.launches.size(), launches);
        QCOMPARE(world.stepsNotIdempotent, 0);
    }

    void aDryRunTellsWhatIsReplacedApartFromWhatStartsAndLeaves()
    {
        PlannedWorld world("2026-06-01T12:00", 3);
        const auto effects = [&](int edges) {
            return world.submit(ReplaceNodeGroup{withImage("node-0.2", edges)}, {}, Execution::DryRun)->effects;
        };
        const std::string origin = "1 origin in eu-west-1 is replaced, few at a time, as its image or role changes.";
        const std::string rest = " edges in eu-west-1 are replaced, few at a time, as their image or role changes.";
        QCOMPARE(effects(3), (std::vector<std::string>{"3" + rest, origin}));
        QCOMPARE(effects(5), (std::vector<std::string>{"2 edges start in eu-west-1.", "3" + rest, origin}));
        QCOMPARE(effects(2),
                 (std::vector<std::string>{"1 edge leaves eu-west-1 as soon as nobody uses it.", "2" + rest, origin}));
    }

    void thatAnImageHasAnotherNameInTheGroupChangesNothing()
    {
        PlannedWorld world("2026-06-01T12:00", 2);
        NodeGroup renamed = makeGroup({"eu-live", 1, 0, 2});
        renamed.images[0].name = "other";
        for (Role& role : renamed.roles)
            role.imageName = "other";
        world.put(renamed);
        world.elapse(30s);
        QCOMPARE(world.launches.size(), 3u);
    }

    // A node was started with the capabilities of its role and cannot be sent what it would refuse.
    void nodesWhoseRoleDoesSomethingElseAreReplaced()
    {
        PlannedWorld world("2026-06-01T12:00", 2);
        const std::vector<NodeId> old = world.find("edge");
        const std::vector<NodeId> origins = world.find("origin");
        NodeGroup changed = makeGroup();
        changed.roles[0].capabilities.insert(Capability::Publish);
        const auto foreseen = world.submit(ReplaceNodeGroup{changed}, {}, Execution::DryRun);
        QCOMPARE(foreseen->effects.back(),
                 std::string("2 edges in eu-west-1 are replaced, few at a time, as their image or role changes."));
        world.put(changed);
        QCOMPARE(world.edgesInService(), 2u);
        world.elapse(20s);
        QCOMPARE(world.edgesInService(), 2u);
        QCOMPARE(world.find("origin"), origins);
        for (const NodeId& id : old)
            QVERIFY(!world.node(id));
        QCOMPARE(world.launches.size(), 5u);
    }

    void anOriginWithAPublisherOutlivesTheChangeOfItsRole()
    {
        PlannedWorld world("2026-06-01T12:00", 2);
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        NodeGroup changed = makeGroup();
        changed.roles[1].capabilities = {Capability::Subscribe};
        changed.roles[0].capabilities = {Capability::Publish, Capability::Subscribe};
        world.put(changed);
        world.elapse(60s);
        QCOMPARE(world.node(origin)->state, NodeState::SoftSunset);
        QCOMPARE(world.find("origin", NodeState::InService).size(), 1u);
        // Not even if nobody hears it any more: it was launched to take publishers.
        world.nodes.at(origin).isSilent = true;
        world.elapse(300s);
        QVERIFY(world.nodes.contains(origin));
    }

    void aPausedGroupReplacesNothing()
    {
        PlannedWorld world("2026-06-01T12:00", 2);
        NodeGroup group = withImage("node-0.2", 2);
        group.isScalingPaused = true;
        world.put(group);
        world.elapse(60s);
        QCOMPARE(world.launches.size(), 3u);
        QCOMPARE(world.pool().outdated, 2);
    }

    void aPausedGroupKeepsTheNodesOfPoolsThatItLost()
    {
        PlannedWorld world("2026-06-01T12:00", 2);
        NodeGroup group = makeGroup({"eu-live", 1, 0, 2, false, {"us-east-1"}});
        group.isScalingPaused = true;
        const auto tried = world.submit(ReplaceNodeGroup{group}, {}, Execution::DryRun);
        QCOMPARE(tried->effects,
                 std::vector<std::string>{
                     "Scaling pauses: no node starts, and none is replaced or leaves, until it resumes."});
        world.put(group);
        world.elapse(60s);
        QCOMPARE(world.edgesInService(), 2u);
        QCOMPARE(world.launches.size(), 3u);
        QCOMPARE(world.group().waitsFor, std::vector<std::string>{"Scaling is paused: nothing starts, and nothing "
                                                                  "leaves."});
        group.isScalingPaused = false;
        world.put(group);
        world.elapse(10s);
        QCOMPARE(world.launches.size(), 6u);
        QCOMPARE(world.nodes.size(), 3u);
    }

    void whatTheEngineDrainedComesBackAfterARestart()
    {
        PlannedWorld world("2026-06-01T12:00", 3);
        watchEverywhere(world);
        const std::vector<NodeId> all = world.find("edge");
        world.put(withImage("node-0.1", 1));
        world.elapse(2s);
        QCOMPARE(world.find("edge", NodeState::SoftSunset).size(), 2u);
        // One more of them is the operator's wish now.
        const NodeId kept = world.find("edge", NodeState::SoftSunset).front();
        QVERIFY(world.submit(DrainNode{kept, {}}));
        world.restartEngine(2s);
        world.elapse(3s);
        const std::size_t launches = world.launches.size();
        const auto tried = world.submit(ReplaceNodeGroup{withImage("node-0.1", 3)}, {}, Execution::DryRun);
        QCOMPARE(tried->effects, (std::vector<std::string>{"1 edge that drains comes back in eu-west-1.",
                                                           "1 edge starts in eu-west-1."}));
        world.put(withImage("node-0.1", 3));
        world.elapse(5s);
        QCOMPARE(world.launches.size(), launches + 1);
        QCOMPARE(world.edgesInService(), 3u);
        QCOMPARE(world.node(kept)->state, NodeState::SoftSunset);
    }

    // It is asked for in the instant in which the nodes are not heard yet.
    void aRestartedEngineWaitsForThoseThatMayComeBack()
    {
        PlannedWorld world("2026-06-01T12:00", 3);
        watchEverywhere(world);
        world.put(withImage("node-0.1", 1));
        world.elapse(2s);
        const std::size_t launches = world.launches.size();
        world.restartEngine(2s);
        world.put(withImage("node-0.1", 3));
        world.elapse(5s);
        QCOMPARE(world.launches.size(), launches);
        QCOMPARE(world.edgesInService(), 3u);
        QCOMPARE(world.stepsNotIdempotent, 0);
    }

    void undrainingTellsThatAnotherOneLeaves()
    {
        PlannedWorld world("2026-06-01T12:00", 2);
        watchEverywhere(world);
        const NodeId edge = world.find("edge").front();
        QVERIFY(world.submit(DrainNode{edge, {}}));
        world.elapse(5s);
        const auto tried = world.submit(UndrainNode{edge}, {}, Execution::DryRun);
        QCOMPARE(tried->effects,
                 (std::vector<std::string>{"It takes sessions again.",
                                           "Its pool needs 2 nodes only, so the one that loses least leaves."}));
    }

    void aLiftByAnOverlayTellsWhatComesBack()
    {
        PlannedWorld world("2026-06-01T12:00", 3);
        watchEverywhere(world);
        world.put(withImage("node-0.1", 1));
        world.elapse(2s);
        const auto tried =
            world.submit(CreatePlanItem{edgeOverlay("cup", "2026-06-01T12:00", "2026-06-01T14:00", FloorBounds{4})}, {},
                         Execution::DryRun);
        const auto& effects = tried->effects;
        QVERIFY(std::ranges::count(effects, std::string("2 edges that drain come back in eu-west-1.")) == 1);
        QVERIFY(std::ranges::count(effects, std::string("1 edge starts in eu-west-1.")) == 1);
    }

    void anImageThatDoesNotStartCostsNoNode()
    {
        PlannedWorld world("2026-06-01T12:00", 3);
        world.isProviderBroken = true;
        world.put(withImage("node-0.2", 3));
        world.elapse(120s);
        QCOMPARE(edgesOf(world, "node-0.1"), 3);
        QCOMPARE(world.pool().outdated, 3);
        world.isProviderBroken = false;
        world.elapse(60s);
        QCOMPARE(edgesOf(world, "node-0.2"), 3);
    }

    void aSecondChangeOverTakesTheFirst()
    {
        PlannedWorld world("2026-06-01T12:00", 4);
        world.bootTime = 5s;
        world.put(withImage("node-0.2", 4));
        world.elapse(8s);
        world.put(withImage("node-0.3", 2));
        world.elapse(120s);
        QCOMPARE(edgesOf(world, "node-0.3"), 2);
        QCOMPARE(world.edgesInService(), 2u);
        QCOMPARE(world.stepsNotIdempotent, 0);
    }
};

QTEST_GUILESS_MAIN(PlanRolloutTest)
#include "plan_rollout_test.moc"
