#include "tests/support/planned_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const StreamKey show{"live", "show1"};

// Lets the world see some boots, so that it knows how long they take.
void learnBoots(PlannedWorld& world, Duration boot)
{
    world.bootTime = boot;
    world.create(edgeOverlay("boots", "2026-06-01T17:10", "2026-06-01T17:15", FloorBounds{2}));
    world.elapseTo("2026-06-01T17:20");
}

PoolStatus edgesOf(const ScriptedWorld& world)
{
    const auto snapshot = world.snapshot();
    const auto& pools = snapshot->nodeGroups.front().pools;
    return *std::ranges::find(pools, "edge", [](const PoolStatus& pool) { return pool.key.role; });
}

bool isTooSoon(ScriptedWorld& world, const Overlay& overlay)
{
    const auto outcome = world.submit(CreatePlanItem{overlay}, {}, Execution::DryRun);
    return outcome && std::ranges::count(outcome->plan.findings, "C5", &PlanFinding::code) > 0;
}

// What is ordered, what pools tell and what previews go by is the same.
void checkOrder(ScriptedWorld& world, const std::string& id, int aheadSeconds)
{
    const auto ahead = std::chrono::seconds(aheadSeconds);
    QCOMPARE(edgesOf(world).leadTime, Duration(ahead));
    Overlay more = edgeOverlay(id, "2026-06-01T17:10", "2026-06-01T17:40", FloorBounds{3});
    more.from = std::chrono::floor<seconds>(world.now()) + ahead - 1s;
    more.to = more.from + 30min;
    QVERIFY(isTooSoon(world, more));
    more.from += 1s;
    QVERIFY(!isTooSoon(world, more));
    more.from += 60s;
    QVERIFY(world.submit(CreatePlanItem{more}).has_value());
    const std::size_t launches = world.launches.size();
    world.elapse(59s);
    QCOMPARE(world.launches.size(), launches);
    QCOMPARE(edgesOf(world).wanted, 0);
    world.elapse(1s);
    QCOMPARE(world.launches.size(), launches + 3);
    QCOMPARE(edgesOf(world).wanted, 3);
    world.elapse(ahead + 31min);
}

}  // namespace

class PlanFollowTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nodesAreInServiceAtTheBoundaryHoweverLongTheyTake_data()
    {
        QTest::addColumn<int>("bootSeconds");
        QTest::newRow("1 s") << 1;
        QTest::newRow("40 s") << 40;
    }

    void nodesAreInServiceAtTheBoundaryHoweverLongTheyTake()
    {
        QFETCH(int, bootSeconds);
        PlannedWorld world("2026-06-01T17:00");
        learnBoots(world, std::chrono::seconds(bootSeconds));
        world.create(edgeSchedule("evening", "18:00", 2, running(5)));
        QCOMPARE(world.edgesInService(), 0u);
        const std::size_t launches = world.launches.size();
        world.elapseTo("2026-06-01T17:58");
        QCOMPARE(world.launches.size(), launches);
        QCOMPARE(world.pool().isActive, false);
        QVERIFY(world.group().activity == GroupActivity::Active);  // its origin
        world.elapseTo("2026-06-01T18:00");
        QCOMPARE(world.edgesInService(), 5u);
        QCOMPARE(world.pool().leadTime, Duration(std::chrono::seconds(bootSeconds + 1)));
        QCOMPARE(world.launches.size(), launches + 5);
        QCOMPARE(world.pool().min, 5);
        QCOMPARE(world.pool().max, 15);
        QCOMPARE(world.pool().reasons, (std::vector<std::string>{"its own rule", "schedule evening"}));
    }

    void nodesAreOrderedSoLongAheadAsIsTold_data()
    {
        QTest::addColumn<std::string>("platform");
        QTest::addColumn<int>("boot");
        QTest::addColumn<int>("aheadOfTheFirst");
        QTest::addColumn<int>("aheadOfTheSecond");
        QTest::newRow("here") << std::string("HERE") << 20 << 5 << 21;
        QTest::newRow("elsewhere") << std::string("AWS") << 100 << 210 << 210;
        QTest::newRow("elsewhere, slowly") << std::string("AWS") << 199 << 210 << 280;
    }

    void nodesAreOrderedSoLongAheadAsIsTold()
    {
        QFETCH(std::string, platform);
        QFETCH(int, boot);
        EngineOptions options = zonedOptions();
        options.platformMap = {{"AWS", "EC2"}, {"HERE", "LOCAL"}};
        ScriptedWorld world(options, utc("2026-06-01T17:00"));
        world.bootTime = std::chrono::seconds(boot);
        NodeGroup group = makeGroup({"eu-live", 0, 0, 0});
        group.cloudPlatform = platform;
        QVERIFY(world.submit(CreateNodeGroup{group}).has_value());
        QFETCH(int, aheadOfTheFirst);
        checkOrder(world, "first", aheadOfTheFirst);
        QFETCH(int, aheadOfTheSecond);
        checkOrder(world, "second", aheadOfTheSecond);
    }

    void leadTimesOutliveARestartByTheRowsOfTheNodes()
    {
        PlannedWorld world("2026-06-01T12:00", 0, {edgeSchedule("day", "11:00", 20, running(2))});
        world.bootTime = 20s;
        world.create(edgeOverlay("more", "2026-06-01T13:00", "2026-06-01T15:00", FloorBounds{4}));
        world.elapseTo("2026-06-01T14:00");
        QCOMPARE(world.pool().leadTime, Duration(21s));
        world.restartEngine(10s);
        QCOMPARE(world.pool().leadTime, Duration(21s));
    }

    // E5
    void aDayThatMeetsTheNextIsOneWindow()
    {
        PlannedWorld world("2026-06-01T23:00", 0, {edgeSchedule("always", "00:00", 24, running(3))});
        const std::size_t launches = world.launches.size();
        const std::size_t records = world.audit.size();
        QCOMPARE(world.edgesInService(), 3u);
        world.elapseTo("2026-06-02T01:00");
        QCOMPARE(world.launches.size(), launches);
        QCOMPARE(world.audit.size(), records);
    }

    // E6
    void neighboursThatWantTheSameChangeNothing()
    {
        PlannedWorld world("2026-06-01T17:00", 0,
                           {edgeSchedule("a", "18:00", 2, running(5)), edgeSchedule("b", "20:00", 2, running(5))});
        world.elapseTo("2026-06-01T19:59");
        const std::vector<NodeId> nodes = world.find("edge");
        const std::size_t launches = world.launches.size();
        QCOMPARE(nodes.size(), 5u);
        QCOMPARE(world.fewestUntil("2026-06-01T20:01"), 5u);
        QCOMPARE(world.find("edge"), nodes);
        QCOMPARE(world.launches.size(), launches);
        QVERIFY(world.terminated.empty());
    }

    // E7
    void fewerAreWantedFromTheBoundaryOnAndNeverLess()
    {
        PlannedWorld world("2026-06-01T17:00", 0,
                           {edgeSchedule("a", "18:00", 2, running(5)), edgeSchedule("b", "20:00", 2, running(3))});
        world.elapseTo("2026-06-01T19:59:59");
        QCOMPARE(world.edgesInService(), 5u);
        QVERIFY(world.terminated.empty());
        world.elapseTo("2026-06-01T20:00");
        QCOMPARE(world.find("edge", NodeState::SoftSunset).size(), 2u);
        QCOMPARE(world.fewestUntil("2026-06-01T21:00"), 3u);
        QCOMPARE(world.terminated.size(), 2u);
        QCOMPARE(world.launches.size(), 6u);
        world.elapseTo("2026-06-01T22:00:05");
        QCOMPARE(world.edgesInService(), 0u);
    }

    // E12
    void aFloorOfAHigherPriorityHoldsOverADeactivation()
    {
        PlannedWorld world("2026-06-01T12:00", 4,
                           {edgeOverlay("off", "2026-06-01T13:00", "2026-06-01T15:00", Deactivate{}),
                            edgeOverlay("cup", "2026-06-01T14:00", "2026-06-01T16:00", FloorBounds{10}, 200)});
        world.elapseTo("2026-06-01T13:30");
        QCOMPARE(world.edgesInService(), 0u);
        QCOMPARE(world.pool().isActive, false);
        world.elapseTo("2026-06-01T14:00");
        QCOMPARE(world.edgesInService(), 10u);
        QCOMPARE(world.pool().reasons,
                 (std::vector<std::string>{"its own rule", "overlay off, priority 100", "overlay cup, priority 200"}));
        world.elapseTo("2026-06-01T16:00:05");
        QCOMPARE(world.edgesInService(), 4u);
    }

    // E13
    void aPublisherOnAGroupThatTurnsInactiveIsNotCut()
    {
        PlannedWorld world("2026-06-01T12:00", 2);
        const NodeId origin = world.find("origin").front();
        world.publish(origin, "live/show1");
        Overlay off = edgeOverlay("off", "2026-06-01T13:00", "2026-06-01T15:00", Deactivate{});
        off.scope.role.clear();
        world.create(off);
        world.elapseTo("2026-06-01T12:30");
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).viewers[show] = 3;
        world.elapseTo("2026-06-01T13:30");
        QCOMPARE(world.node(origin)->state, NodeState::SoftSunset);
        QVERIFY(world.group().activity == GroupActivity::Deactivating);
        QCOMPARE(world.group().waitsFor, (std::vector<std::string>{"3 viewers in eu-west-1 keep their edge.",
                                                                   "1 publisher in eu-west-1 keeps its origin."}));
        QCOMPARE(world.nodes.size(), 2u);
        QVERIFY(world.terminatedWhilePublishing.empty());
        world.nodes.at(origin).published.clear();
        world.nodes.at(edge).viewers.clear();
        world.elapse(5s);
        QVERIFY(world.group().activity == GroupActivity::Inactive);
        QVERIFY(world.nodes.empty());
        QCOMPARE(world.group().waitsFor, std::vector<std::string>());
        QCOMPARE(world.group().nextChange, std::optional<TimePoint>(utc("2026-06-01T15:00")));
    }

    // E14, E15
    void anOverlayThatIsCutShortOrDeletedEndsNow()
    {
        PlannedWorld world("2026-06-01T12:00", 1);
        Overlay cup = edgeOverlay("cup", "2026-06-01T12:30", "2026-06-01T16:00", FloorBounds{6});
        world.create(cup);
        world.elapseTo("2026-06-01T13:00");
        QCOMPARE(world.edgesInService(), 6u);
        cup.to = utc("2026-06-01T12:45");
        world.replace(cup);
        QCOMPARE(world.edgesInService(), 1u);
        world.create(edgeOverlay("again", "2026-06-01T13:00", "2026-06-01T16:00", FloorBounds{6}));
        world.elapse(5s);
        QCOMPARE(world.edgesInService(), 6u);
        world.erase(PlanItemKind::Overlay, "again");
        QCOMPARE(world.edgesInService(), 1u);
    }

    void nothingWarmsUpBeforeAHardDeactivationIsOver()
    {
        PlannedWorld world("2026-06-01T12:00", 4,
                           {edgeOverlay("hard", "2026-06-01T13:00", "2026-06-01T14:00", Deactivate{true}),
                            edgeOverlay("soft", "2026-06-01T15:00", "2026-06-01T16:00", Deactivate{})});
        world.elapseTo("2026-06-01T13:59:59");
        QCOMPARE(world.launches.size(), 5u);
        QCOMPARE(world.nodes.size(), 1u);
        world.elapseTo("2026-06-01T14:00:02");
        QCOMPARE(world.edgesInService(), 4u);
        world.elapseTo("2026-06-01T16:00");
        QCOMPARE(world.edgesInService(), 4u);
    }

    void aNodeThatStillDrainsIsTakenBackBeforeAnotherStarts()
    {
        PlannedWorld world("2026-06-01T12:00", 1);
        world.create(edgeOverlay("a", "2026-06-01T12:30", "2026-06-01T13:00", FloorBounds{3}));
        world.create(edgeOverlay("b", "2026-06-01T14:00", "2026-06-01T15:00", FloorBounds{3}));
        world.publish(world.find("origin").front(), "live/show1");
        world.elapseTo("2026-06-01T12:40");
        for (const NodeId& edge : world.find("edge"))
            world.nodes.at(edge).viewers[show] = 2;
        const std::size_t launches = world.launches.size();
        world.elapseTo("2026-06-01T13:30");
        QCOMPARE(world.find("edge", NodeState::SoftSunset).size(), 2u);
        world.elapseTo("2026-06-01T14:00");
        QCOMPARE(world.edgesInService(), 3u);
        QCOMPARE(world.launches.size(), launches);
        QCOMPARE(world.auditCount("node.undrain"), 2);
        for (const auto& [id, node] : world.nodes)
            QCOMPARE(node.policy, node_protocol::SessionPolicy::Serve);
    }

    void whatAnOperatorDrainsIsNotTakenBack()
    {
        PlannedWorld world("2026-06-01T12:00", 2);
        world.publish(world.find("origin").front(), "live/show1");
        world.elapse(2s);
        const NodeId edge = world.find("edge").front();
        world.nodes.at(edge).viewers[show] = 2;
        world.elapse(2s);
        QVERIFY(world.submit(DrainNode{edge}).has_value());
        world.elapse(30s);
        QCOMPARE(world.node(edge)->state, NodeState::SoftSunset);
        QCOMPARE(world.edgesInService(), 2u);
    }

    void aRestartOverABoundaryCatchesUp()
    {
        PlannedWorld world("2026-06-01T17:00", 0, {edgeSchedule("evening", "18:00", 2, running(3))});
        world.elapseTo("2026-06-01T17:50");
        world.restartEngine(20min);
        world.elapse(3s);
        QCOMPARE(world.edgesInService(), 3u);
        world.restartEngine(2h);
        world.elapse(5s);
        QCOMPARE(world.edgesInService(), 0u);
    }

    // E18
    void aClockThatIsSetIsFollowed()
    {
        PlannedWorld world("2026-06-01T17:00", 0, {edgeSchedule("evening", "18:00", 2, running(3))});
        world.elapseTo("2026-06-01T18:02");
        QCOMPARE(world.edgesInService(), 3u);
        world.setClock(utc("2026-06-01T17:57"));
        world.elapse(5s);
        QCOMPARE(world.edgesInService(), 0u);
        world.elapseTo("2026-06-01T18:00");
        QCOMPARE(world.edgesInService(), 3u);
        world.setClock(utc("2026-06-01T20:01"));
        world.elapse(5s);
        QCOMPARE(world.edgesInService(), 0u);
        QCOMPARE(world.auditCount("node.died"), 0);
        QCOMPARE(world.auditCount("plan.start"), 1);
        QCOMPARE(world.auditCount("plan.end"), 1);
        QCOMPARE(world.stepsNotIdempotent, 0);
    }

    void expectedViewersBecomeNodesByWhatTheImageCarries()
    {
        PlannedWorld world("2026-06-01T12:00");
        const Overlay cup = edgeOverlay("cup", "2026-06-01T11:00", "2026-06-01T14:00", ExpectedEffect{4800, {}, {}});
        world.create(cup);
        world.elapse(5s);
        QCOMPARE(world.edgesInService(), 3u);
        CapacityMeasurement measured;
        measured.viewersPerCore = 300;
        measured.cores = 4;
        QVERIFY(world.submit(AddMeasurement{"node-0.1", measured}).has_value());
        world.elapse(5s);
        QCOMPARE(world.edgesInService(), 4u);
        const auto foreseen = world.submit(DeletePlanItem{{PlanItemKind::Overlay, "cup"}}, {}, Execution::DryRun);
        QCOMPARE(foreseen->plan.changes.front().minBefore, 4);
        world.restartEngine(1s);
        world.elapse(5s);
        QCOMPARE(world.auditCount("node.drain"), 0);
    }

    void aPausedGroupKeepsWhatItHasWhateverItsPlan()
    {
        PlannedWorld world("2026-06-01T17:00", 0, {edgeSchedule("evening", "18:00", 2, running(3))});
        world.elapseTo("2026-06-01T19:00");
        NodeGroup group = makeGroup({"eu-live", 1, 0, 0});
        group.isScalingPaused = true;
        world.put(group);
        world.elapseTo("2026-06-01T21:00");
        QCOMPARE(world.edgesInService(), 3u);
        QCOMPARE(world.group().waitsFor.front(), std::string("Scaling is paused: nothing starts, and nothing leaves."));
        group.isScalingPaused = false;
        world.put(group);
        world.elapse(5s);
        QCOMPARE(world.edgesInService(), 0u);
    }

    void aGroupSaysWhichNodesItLacks()
    {
        PlannedWorld world("2026-06-01T12:00", 5);
        world.elapse(30s);
        world.bootTime = 40s;
        const std::vector<NodeId> all = world.find("edge");
        world.kill(all[0]);
        world.kill(all[1]);
        world.elapse(2s);
        QVERIFY(world.group().activity == GroupActivity::Activating);
        QCOMPARE(world.group().waitsFor, (std::vector<std::string>{"2 of 5 edges in eu-west-1 are not ready."}));
        world.elapse(60s);
        QVERIFY(world.group().activity == GroupActivity::Active);
        QCOMPARE(world.group().waitsFor, std::vector<std::string>());
    }

    void tenThousandOverlaysAreCompiledOnce()
    {
        int loads = 0;
        EngineOptions options;
        options.zones = [&](const std::string& name) {
            ++loads;
            return loadZone(name);
        };
        ScriptedWorld world(options, utc("2026-06-01T12:00"));
        QVERIFY(world.submit(CreateNodeGroup{makeGroup()}).has_value());
        for (int i = 0; i < 10'000; ++i) {
            Overlay made = edgeOverlay("o" + std::to_string(i), "2026-06-01T14:00", "2026-06-01T15:00", FloorBounds{3});
            made.from += std::chrono::hours(i);
            made.to += std::chrono::hours(i);
            world.storedPlan[keyOf(PlanItem(made))] = {made, 1, world.now(), world.now(), "admin"};
        }
        world.restartEngine(1s);
        world.elapse(3s);
        const int once = loads;
        QVERIFY(once > 0);
        world.kill(world.find("edge").front());
        world.elapse(1h);
        QVERIFY(world.submit(DrainNode{world.find("edge").front()}).has_value());
        world.elapse(2h);
        QCOMPARE(world.find("edge").size(), 3u);
        QCOMPARE(loads, once);
    }
};

QTEST_GUILESS_MAIN(PlanFollowTest)
#include "plan_follow_test.moc"
