#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

class EngineTest : public QObject
{
    Q_OBJECT

private:
    static ScriptedWorld runningWorld(const GroupShape& shape = {})
    {
        ScriptedWorld world;
        if (!world.submit(CreateNodeGroup{makeGroup(shape)}))
            qFatal("the group was refused");
        world.elapse(3s);
        return world;
    }

private Q_SLOTS:
    void aNewGroupGetsItsLowestNumberOfNodes()
    {
        ScriptedWorld world;
        const auto outcome = world.submit(CreateNodeGroup{makeGroup()});
        QVERIFY(outcome.has_value());
        QCOMPARE(outcome->version, std::uint64_t(1));
        QCOMPARE(outcome->effects,
                 (std::vector<std::string>{"2 edges start in eu-west-1.", "1 origin starts in eu-west-1."}));
        world.elapse(3s);
        QCOMPARE(world.find("edge").size(), 2u);
        QCOMPARE(world.find("origin").size(), 1u);
        QCOMPARE(world.launches.size(), 3u);
        QCOMPARE(world.auditCount("node-group.create"), 1);
        QCOMPARE(world.auditCount("node.request"), 3);
        QCOMPARE(world.auditCount("node.in-service"), 3);
    }

    void aNodeIsInServiceOnlyAfterItsFirstHeartbeat()
    {
        ScriptedWorld world;
        QVERIFY(world.submit(CreateNodeGroup{makeGroup()}).has_value());
        QCOMPARE(world.find("edge", NodeState::Started).size(), 2u);
        world.elapse(1s);
        QCOMPARE(world.find("edge", NodeState::InService).size(), 2u);
    }

    void aKilledNodeIsReplacedAtOnceAndStaysVisibleForAMinute()
    {
        ScriptedWorld world = runningWorld();
        world.elapse(60s);
        const NodeId victim = world.find("edge").front();
        world.kill(victim);
        QCOMPARE(world.launches.size(), 4u);
        QCOMPARE(world.launches.back(), world.now());
        QCOMPARE(world.node(victim)->health, NodeHealth::Dead);
        QCOMPARE(world.node(victim)->failure, std::string("It was killed by signal 9."));
        QCOMPARE(world.auditCount("node.died"), 1);
        world.elapse(2s);
        QCOMPARE(world.find("edge").size(), 2u);
        world.elapse(60s);
        QVERIFY(!world.node(victim));
    }

    void aSilentNodeIsSuspectAfterThreeSecondsAndDeadAfterEight()
    {
        ScriptedWorld world = runningWorld();
        const NodeId victim = world.find("edge").front();
        world.nodes.at(victim).isSilent = true;
        world.elapse(2900ms);
        QCOMPARE(world.node(victim)->health, NodeHealth::Healthy);
        world.elapse(200ms);
        QCOMPARE(world.node(victim)->health, NodeHealth::Suspect);
        QCOMPARE(world.launches.size(), 3u);
        world.elapse(5s);
        QCOMPARE(world.node(victim)->health, NodeHealth::Dead);
        QCOMPARE(world.launches.size(), 4u);
    }

    void aSuspectThatIsHeardAgainIsHealthy()
    {
        ScriptedWorld world = runningWorld();
        const NodeId victim = world.find("edge").front();
        world.nodes.at(victim).isSilent = true;
        world.elapse(5s);
        QCOMPARE(world.node(victim)->health, NodeHealth::Suspect);
        world.nodes.at(victim).isSilent = false;
        world.elapse(1s);
        QCOMPARE(world.node(victim)->health, NodeHealth::Healthy);
        QCOMPARE(world.launches.size(), 3u);
    }

    void aDeadNodeThatComesBackDrainsAndEnds()
    {
        ScriptedWorld world = runningWorld();
        const NodeId victim = world.find("edge").front();
        world.nodes.at(victim).isSilent = true;
        world.elapse(10s);
        QCOMPARE(world.find("edge").size(), 2u);
        world.nodes.at(victim).isSilent = false;
        world.elapse(1s);
        QCOMPARE(world.node(victim)->state, NodeState::SoftSunset);
        QCOMPARE(world.auditCount("node.returned"), 1);
        world.elapse(5s);
        QVERIFY(!world.nodes.contains(victim));
        QVERIFY(!world.node(victim));
        QCOMPARE(world.find("edge").size(), 2u);
    }

    void aSilentNodeWithAPublisherIsReplacedButNeverEnded()
    {
        ScriptedWorld world = runningWorld();
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        world.nodes.at(origin).isSilent = true;
        world.elapse(600s);
        QVERIFY(world.nodes.contains(origin));
        QCOMPARE(world.find("origin").size(), 1u);
        QVERIFY(world.terminated.empty());
    }

    void aHungNodeWithoutPublishersIsEndedInTheEnd()
    {
        ScriptedWorld world = runningWorld();
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).isSilent = true;
        world.elapse(60s);
        QVERIFY(world.nodes.contains(edge));
        world.elapse(10s);
        QVERIFY(!world.nodes.contains(edge));
    }

    void aHostThatWasHeldUpDoesNotTakeItsNodesForDead()
    {
        ScriptedWorld world = runningWorld();
        const TimePoint late = world.now() + 30s;
        world.engine().advance(late);
        const auto snapshot = world.engine().snapshot(late);
        for (const NodeStatus& node : snapshot->nodes)
            QVERIFY(node.node.health != NodeHealth::Dead);
    }

    void failedLaunchesAreTriedAgainAtGrowingIntervals()
    {
        ScriptedWorld world;
        world.isProviderBroken = true;
        QVERIFY(world.submit(CreateNodeGroup{makeGroup({"solo", 1, 0, 0})}).has_value());
        world.elapse(95s);
        std::vector<std::int64_t> gaps;
        for (std::size_t i = 1; i < world.launches.size(); ++i)
            gaps.push_back((world.launches[i] - world.launches[i - 1]).count() / 1000);
        QCOMPARE(gaps, (std::vector<std::int64_t>{1, 2, 4, 8, 16, 30, 30}));
        QVERIFY(world.auditCount("node.launch-failed") >= 7);
        QVERIFY(world.audit[2].sentence.find("No more room.") != std::string::npos);
        world.isProviderBroken = false;
        world.elapse(35s);
        QCOMPARE(world.find("origin").size(), 1u);
    }

    void aLaunchThatDoesNotEndInServiceWithinAMinuteIsReplaced()
    {
        ScriptedWorld world;
        world.isProviderMute = true;
        QVERIFY(world.submit(CreateNodeGroup{makeGroup({"solo", 1, 0, 0})}).has_value());
        world.elapse(59s);
        QCOMPARE(world.launches.size(), 1u);
        world.isProviderMute = false;
        world.elapse(4s);
        QCOMPARE(world.launches.size(), 2u);
        QCOMPARE(world.find("origin").size(), 1u);
    }

    void notMoreLaunchesRunAtOnceThanTheProviderBears()
    {
        ScriptedWorld world;
        world.isProviderMute = true;
        QVERIFY(world.submit(CreateNodeGroup{makeGroup({"big", 0, 0, 40})}).has_value());
        QCOMPARE(world.launches.size(), 32u);
        QCOMPARE(world.find("edge", NodeState::Creating).size(), 32u);
        QCOMPARE(world.find("edge", NodeState::Requested).size(), 8u);
    }

    void aDrainedEdgeEndsWhenItsLastViewerHasLeft()
    {
        ScriptedWorld world = runningWorld();
        const NodeId origin = world.find("origin").front();
        const NodeId edge = world.find("edge").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        world.nodes.at(edge).viewers[StreamKey{"live", "show1"}] = 3;
        world.elapse(2s);
        const auto outcome = world.submit(DrainNode{edge});
        QVERIFY(outcome.has_value());
        QCOMPARE(outcome->viewersAffected, 3);
        QCOMPARE(world.node(edge)->state, NodeState::SoftSunset);
        world.elapse(120s);
        QCOMPARE(world.node(edge)->state, NodeState::SoftSunset);
        QCOMPARE(world.nodes.at(edge).policy, node_protocol::SessionPolicy::Drain);
        QCOMPARE(world.find("edge").size(), 2u);
        world.nodes.at(edge).viewers.clear();
        world.elapse(1s);
        QCOMPARE(world.nodes.at(edge).policy, node_protocol::SessionPolicy::Seal);
        world.elapse(1s);
        QVERIFY(!world.nodes.contains(edge));
        QVERIFY(!world.node(edge));
        QCOMPARE(world.auditCount("node.sealed"), 1);
        QCOMPARE(world.auditCount("node.ended"), 1);
    }

    void anOriginWithAPublisherIsNeverEndedByDraining()
    {
        ScriptedWorld world = runningWorld();
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        QVERIFY(world.submit(DrainNode{origin}).has_value());
        world.elapse(2h);
        QVERIFY(world.nodes.contains(origin));
        QCOMPARE(world.nodes.at(origin).policy, node_protocol::SessionPolicy::Drain);
        world.nodes.at(origin).published.clear();
        world.elapse(3s);
        QVERIFY(!world.nodes.contains(origin));
        QVERIFY(world.terminatedWhilePublishing.empty());
    }

    void drainingIsUndoneUntilTheNodeIsSealed()
    {
        ScriptedWorld world = runningWorld();
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        QVERIFY(world.submit(DrainNode{origin}).has_value());
        world.elapse(5s);
        QCOMPARE(world.find("origin").size(), 1u);
        QVERIFY(world.submit(UndrainNode{origin}).has_value());
        QCOMPARE(world.nodes.at(origin).policy, node_protocol::SessionPolicy::Serve);
        world.elapse(10s);
        // The replacement that was started meanwhile is the one too many, for it carries nothing.
        QCOMPARE(world.find("origin"), std::vector<NodeId>{origin});
        QVERIFY(world.nodes.contains(origin));
    }

    void aSealedNodeCannotBeTakenBack()
    {
        ScriptedWorld world = runningWorld();
        const NodeId edge = world.find("edge").front();
        QVERIFY(world.submit(DrainNode{edge}).has_value());
        world.elapse(1s);
        QCOMPARE(world.nodes.at(edge).policy, node_protocol::SessionPolicy::Seal);
        QVERIFY(world.submit(UndrainNode{edge}).has_value());
        // It had sealed itself before the word to serve reached it.
        world.nodes.at(edge).isSealed = true;
        world.elapse(1s);
        QVERIFY(!world.nodes.contains(edge));
        const auto refused = world.submit(UndrainNode{edge});
        QVERIFY(!refused.has_value());
    }

    void stoppingANodeWithAPublisherHasToBeMeant()
    {
        ScriptedWorld world = runningWorld();
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        const auto refused = world.submit(StopNode{origin, StopMode::RefuseIfPublishing});
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().code, ErrorCode::Conflict);
        const auto outcome = world.submit(StopNode{origin, StopMode::CutSessions});
        QVERIFY(outcome.has_value());
        QCOMPARE(outcome->publishersAffected, 1);
        QVERIFY(!world.nodes.contains(origin));
        world.elapse(2s);
        QCOMPARE(world.find("origin").size(), 1u);
    }

    void deletingAGroupEndsAllItsNodes()
    {
        ScriptedWorld world = runningWorld();
        world.publish(world.find("origin").front(), "live/show1");
        world.elapse(2s);
        const auto foreseen = world.submit(DeleteNodeGroup{NodeGroupName("eu-live")}, {}, Execution::DryRun);
        QVERIFY(foreseen.has_value());
        QCOMPARE(foreseen->publishersAffected, 1);
        QCOMPARE(foreseen->effects.front(), std::string("3 nodes stop."));
        QCOMPARE(world.nodes.size(), 3u);
        QVERIFY(world.submit(DeleteNodeGroup{NodeGroupName("eu-live")}).has_value());
        world.elapse(1s);
        QVERIFY(world.nodes.empty());
        QVERIFY(world.storedNodes.empty());
        QVERIFY(world.storedGroups.empty());
        QVERIFY(world.snapshot()->streams.empty());
    }

    void aDryRunChangesNothing()
    {
        ScriptedWorld world = runningWorld();
        const auto before = *world.snapshot();
        NodeGroup group = makeGroup();
        group.subgroups[0].rules[0].min = 5;
        const auto outcome = world.submit(ReplaceNodeGroup{group}, {}, Execution::DryRun);
        QVERIFY(outcome.has_value());
        QVERIFY(outcome->isDryRun);
        QCOMPARE(outcome->effects, (std::vector<std::string>{"3 edges start in eu-west-1."}));
        QCOMPARE(outcome->changes.size(), 1u);
        QCOMPARE(outcome->changes[0].before, std::string("2"));
        QCOMPARE(outcome->changes[0].after, std::string("5"));
        auto after = *world.snapshot();
        after.sequence = before.sequence;
        QVERIFY(after == before);
    }

    void loweringTheNumberDrainsThoseThatCarryLeast()
    {
        ScriptedWorld world = runningWorld();
        world.publish(world.find("origin").front(), "live/show1");
        world.elapse(2s);
        const NodeId busy = world.find("edge").front();
        const NodeId idle = world.find("edge").back();
        world.nodes.at(busy).viewers[StreamKey{"live", "show1"}] = 1;
        world.elapse(2s);
        NodeGroup group = makeGroup({"eu-live", 1, 0, 1});
        const auto outcome = world.submit(ReplaceNodeGroup{group});
        QVERIFY(outcome.has_value());
        QCOMPARE(outcome->version, std::uint64_t(2));
        world.elapse(5s);
        QCOMPARE(world.find("edge"), std::vector<NodeId>{busy});
        QVERIFY(!world.nodes.contains(idle));
    }

    void nodesOfARemovedSubgroupDrain()
    {
        ScriptedWorld world = runningWorld({"eu-live", 1, 0, 1, false, {"eu-west-1", "us-east-1"}});
        QCOMPARE(world.find("origin").size(), 2u);
        QVERIFY(world.submit(ReplaceNodeGroup{makeGroup({"eu-live", 1, 0, 1})}).has_value());
        world.elapse(5s);
        QCOMPARE(world.nodes.size(), 2u);
    }

    void aPausedGroupKeepsWhatItHas()
    {
        ScriptedWorld world = runningWorld();
        NodeGroup paused = makeGroup({"eu-live", 1, 0, 1});
        paused.isScalingPaused = true;
        QVERIFY(world.submit(ReplaceNodeGroup{paused}).has_value());
        world.elapse(5s);
        QCOMPARE(world.find("edge").size(), 2u);
        world.kill(world.find("edge").front());
        world.elapse(5s);
        QCOMPARE(world.find("edge").size(), 1u);
        QCOMPARE(world.launches.size(), 3u);
        QVERIFY(world.submit(ReplaceNodeGroup{makeGroup()}).has_value());
        world.elapse(5s);
        QCOMPARE(world.find("edge").size(), 2u);
    }

    void aChangeForAnotherVersionIsRefusedAndNamesBoth()
    {
        ScriptedWorld world = runningWorld();
        QVERIFY(world.submit(ReplaceNodeGroup{makeGroup()}, 1).has_value());
        const auto refused = world.submit(ReplaceNodeGroup{makeGroup()}, 1);
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().code, ErrorCode::VersionMismatch);
        QVERIFY(refused.error().message.find("version 2") != std::string::npos);
        QVERIFY(refused.error().message.find("version 1") != std::string::npos);
    }

    void anUnknownPlatformIsRefusedAndNamesWhatExists()
    {
        EngineOptions options;
        options.platformMap = {{"AWS", "LOCAL"}};
        ScriptedWorld world(options);
        NodeGroup group = makeGroup();
        group.cloudPlatform = "OCI";
        const auto refused = world.submit(CreateNodeGroup{group});
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(refused.error().pointer, std::string("/cloudPlatform"));
        QVERIFY(refused.error().remedy.find("LOCAL, AWS") != std::string::npos);
        group.cloudPlatform = "AWS";
        QVERIFY(world.submit(CreateNodeGroup{group}).has_value());
    }

    void aNameThatIsTakenIsRefused()
    {
        ScriptedWorld world = runningWorld();
        const auto refused = world.submit(CreateNodeGroup{makeGroup()});
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().code, ErrorCode::AlreadyExists);
    }

    void eachCommandLeavesOneAuditRecordAndAccountsKeepTheirHashOut()
    {
        ScriptedWorld world;
        Account account{"admin", "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA", {}};
        QVERIFY(world.submit(PutAccount{account}).has_value());
        QCOMPARE(world.audit.size(), 1u);
        QVERIFY(world.audit[0].after.find("argon2") == std::string::npos);
        account.passwordHash = "plain";
        QVERIFY(!world.submit(PutAccount{account}).has_value());
        QCOMPARE(world.audit.size(), 1u);
    }

    void nodesAndStreamsAreAdoptedAfterARestart()
    {
        ScriptedWorld world = runningWorld();
        const NodeId origin = world.find("origin").front();
        const NodeId edge = world.find("edge").front();
        world.publish(origin, "live/show1");
        world.elapse(2s);
        world.nodes.at(edge).viewers[StreamKey{"live", "show1"}] = 2;
        world.elapse(2s);
        const auto published = world.auditCount("stream.publish");
        const std::size_t launches = world.launches.size();
        world.restartEngine(180s);
        QCOMPARE(world.find("edge").size(), 2u);
        world.elapse(30s);
        QCOMPARE(world.launches.size(), launches);
        QVERIFY(world.terminated.empty());
        QCOMPARE(world.snapshot()->streams.size(), 1u);
        QCOMPARE(world.snapshot()->streams[0].viewers, 2);
        QCOMPARE(world.auditCount("stream.publish"), published);
        QCOMPARE(world.auditCount("node.died"), 0);
    }

    void aNodeThatDiedDuringTheOutageIsReplaced()
    {
        ScriptedWorld world = runningWorld();
        world.nodes.erase(world.find("edge").front());
        world.restartEngine(20s);
        world.elapse(3s);
        QCOMPARE(world.find("edge").size(), 2u);
        QCOMPARE(world.launches.size(), 4u);
    }

    void aNodeThatIsNotHeardAfterARestartIsGivenTheGraceFirst()
    {
        ScriptedWorld world = runningWorld();
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).isSilent = true;
        world.restartEngine(60s);
        world.elapse(12s);
        QCOMPARE(world.node(edge)->health, NodeHealth::Healthy);
        QCOMPARE(world.launches.size(), 3u);
        world.elapse(7s);
        QCOMPARE(world.node(edge)->health, NodeHealth::Dead);
        QCOMPARE(world.launches.size(), 4u);
    }

    void aLaunchThatWasUnderWayAtTheCrashIsAskedAgain()
    {
        ScriptedWorld world;
        world.isProviderMute = true;
        QVERIFY(world.submit(CreateNodeGroup{makeGroup({"solo", 1, 0, 0})}).has_value());
        QCOMPARE(world.launches.size(), 1u);
        world.isProviderMute = false;
        world.restartEngine(5s);
        world.elapse(2s);
        QCOMPARE(world.launches.size(), 2u);
        QCOMPARE(world.find("origin").size(), 1u);
        QCOMPARE(world.storedNodes.size(), 1u);
    }

    void aProcessWithoutARowIsEnded()
    {
        ScriptedWorld world;
        Engine& engine = world.engine();
        const Step stray = engine.observe(ProviderStarted{NodeId("stranger00"), "ref", {}}, world.now());
        QCOMPARE(stray.effects.size(), 1u);
        QCOMPARE(std::get<TerminateNode>(stray.effects[0]).providerReference, std::string("ref"));
    }

    void aReconnectedNodeIsToldEverythingAgain()
    {
        ScriptedWorld world = runningWorld();
        world.publish(world.find("origin").front(), "live/show1");
        world.elapse(2s);
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).parents = {};
        world.observe(NodeDisconnected{edge});
        world.nodes.at(edge).isConnected = false;
        world.elapse(1s);
        QCOMPARE(world.nodes.at(edge).parents.streams.size(), 1u);
    }

    void theSnapshotTellsTheRouteOfAStreamAndTheTotals()
    {
        ScriptedWorld world = runningWorld();
        const NodeId origin = world.find("origin").front();
        const NodeId edge = world.find("edge").front();
        world.publish(origin, "live/show1");
        world.elapse(1s);
        world.nodes.at(edge).viewers[StreamKey{"live", "show1"}] = 4;
        world.elapse(2s);
        const auto snapshot = world.snapshot();
        const StreamStatus* stream = snapshot->findStream(NodeGroupName("eu-live"), StreamKey{"live", "show1"});
        QVERIFY(stream);
        QCOMPARE(stream->origin, origin);
        QCOMPARE(stream->viewers, 4);
        QCOMPARE(stream->hops, (std::vector<StreamHop>{{edge, origin, 4, 1'000'000}}));
        QCOMPARE(snapshot->totals.viewers, 4);
        QCOMPARE(snapshot->totals.publishers, 1);
        QCOMPARE(snapshot->totals.bitsInPerSecond, std::int64_t(1'000'000));
        QCOMPARE(snapshot->totals.bitsBetweenPerSecond, std::int64_t(1'000'000));
        QCOMPARE(snapshot->findNode(origin)->load.children, 1);
        const auto& pools = snapshot->findNodeGroup(NodeGroupName("eu-live"))->pools;
        QCOMPARE(pools.size(), 2u);
        QCOMPARE(pools[0].ready, 2);
        QCOMPARE(pools[0].wanted, 2);
    }

    void aNodeThatNobodyKnowsIsStopped()
    {
        ScriptedWorld world;
        node_protocol::Hello hello;
        hello.node = NodeId("stranger00");
        const Step step = world.engine().observe(NodeConnected{hello}, world.now());
        QCOMPARE(step.effects.size(), 1u);
        QVERIFY(std::holds_alternative<node_protocol::Stop>(std::get<SendToNode>(step.effects[0]).message));
    }

    void anIdleEngineSleepsUntilSomethingIsDue()
    {
        ScriptedWorld world;
        QVERIFY(!world.engine().nextWakeup());
        QVERIFY(world.submit(CreateNodeGroup{makeGroup({"empty", 0, 0, 0})}).has_value());
        QVERIFY(!world.engine().nextWakeup());
    }
};

QTEST_GUILESS_MAIN(EngineTest)
#include "engine_test.moc"
