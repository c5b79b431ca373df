#include "tests/support/planned_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

using Sentences = std::vector<std::string>;

// What the audit trail says of windows: each beginning and each end once.
class PlanDiaryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void beginningsAndEndsAreTold()
    {
        PlannedWorld world("2026-06-01T17:00", 0, {edgeSchedule("evening", "18:00", 2, running(1))});
        Overlay cup = edgeOverlay("cup", "2026-06-01T19:00", "2026-06-01T21:00", FloorBounds{2}, 200);
        cup.name = "Cup final";
        world.create(cup);
        world.elapseTo("2026-06-02T00:00");
        QCOMPARE(world.sentences("plan.start"), (Sentences{"Schedule evening started in node group eu-live.",
                                                           "Overlay Cup final started in node group eu-live."}));
        QCOMPARE(world.sentences("plan.end"), (Sentences{"Schedule evening ended in node group eu-live.",
                                                         "Overlay Cup final ended in node group eu-live."}));
        QCOMPARE(world.sentences("plan.miss"), Sentences());
        QCOMPARE(world.planFollowedUntil, std::optional<TimePoint>(utc("2026-06-01T21:00")));
    }

    void whatIsGoingOnWhenItIsMadeBeginsThen()
    {
        PlannedWorld world("2026-06-01T17:00");
        world.create(edgeOverlay("now", "2026-06-01T16:00", "2026-06-01T18:00", FloorBounds{1}));
        world.create(edgeSchedule("evening", "16:30", 2, running(1)));
        QCOMPARE(world.sentences("plan.start"), (Sentences{"Overlay now started in node group eu-live."}));
        world.elapseTo("2026-06-01T19:00");
        QCOMPARE(world.auditCount("plan.end"), 2);
        QCOMPARE(world.auditCount("plan.miss"), 0);
    }

    // E16
    void anOutageOverABeginningIsToldWithItsLength()
    {
        PlannedWorld world("2026-06-01T17:00", 0, {edgeSchedule("evening", "18:00", 2, running(1))});
        world.elapseTo("2026-06-01T17:50");
        world.restartEngine(22min);
        world.elapse(5s);
        QCOMPARE(world.sentences("plan.start"),
                 (Sentences{"Schedule evening started in node group eu-live, 12 min late."}));
        QCOMPARE(world.edgesInService(), 1u);
        world.restartEngine(30s);
        world.elapse(5s);
        QCOMPARE(world.auditCount("plan.start"), 1);
        world.restartEngine(3h);
        QCOMPARE(world.sentences("plan.end"), (Sentences{"Schedule evening ended in node group eu-live, 1 h late."}));
    }

    // E17
    void anOutageOverWholeWindowsIsToldOncePerWindow()
    {
        PlannedWorld world("2026-06-01T17:00", 0, {edgeSchedule("evening", "18:00", 2, running(1))});
        world.elapseTo("2026-06-01T17:50");
        const std::size_t launches = world.launches.size();
        world.restartEngine(48h);
        world.elapse(5s);
        QCOMPARE(world.sentences("plan.miss"),
                 (Sentences{"Schedule evening was missed in node group eu-live: nothing followed the plan from "
                            "2026-06-01T18:00:00.000Z to 2026-06-01T20:00:00.000Z.",
                            "Schedule evening was missed in node group eu-live: nothing followed the plan from "
                            "2026-06-02T18:00:00.000Z to 2026-06-02T20:00:00.000Z."}));
        QCOMPARE(world.auditCount("plan.start") + world.auditCount("plan.end"), 0);
        QCOMPARE(world.launches.size(), launches);
        world.restartEngine(1s);
        QCOMPARE(world.auditCount("plan.miss"), 2);
    }

    void aLongOutageIsToldInFewSentences()
    {
        PlannedWorld world("2026-06-01T17:00", 0, {edgeSchedule("evening", "18:00", 2, running(1))});
        world.restartEngine(24h * 50);
        QCOMPARE(world.auditCount("plan.miss"), 21);
        QCOMPARE(world.sentences("plan.miss").front(),
                 std::string("30 older windows of the plan of node group eu-live were missed."));
    }

    // E18
    void aClockThatIsSetBackTellsNothingTwice()
    {
        PlannedWorld world("2026-06-01T17:00", 0, {edgeSchedule("evening", "18:00", 2, running(1))});
        world.elapseTo("2026-06-01T18:02");
        world.setClock(utc("2026-06-01T17:57"));
        world.elapseTo("2026-06-01T18:30");
        QCOMPARE(world.auditCount("plan.start"), 1);
        QCOMPARE(world.auditCount("plan.end"), 0);
        world.restartEngine(1s);
        world.setClock(utc("2026-06-01T20:30"));
        world.elapse(5s);
        QCOMPARE(world.auditCount("plan.start"), 1);
        QCOMPARE(world.sentences("plan.end"),
                 (Sentences{"Schedule evening ended in node group eu-live, 30 min late."}));
    }

    void whatDoesNotFitIsLeftOutAndTheRestIsFollowed()
    {
        bool hasZones = true;
        EngineOptions options;
        options.zones = [&](const std::string& name) -> Result<ZoneRules> {
            return hasZones || name == "UTC" ? loadZone(name) : fail(ErrorCode::NotFound, "Gone.");
        };
        ScriptedWorld world(options, utc("2026-06-01T12:00"));
        QVERIFY(world.submit(CreateNodeGroup{makeGroup({"eu-live", 0, 0, 2})}).has_value());
        Schedule night = edgeSchedule("night", "11:00", 4, running(5));
        std::get<CalendarTiming>(night.timing).zone = "Europe/Berlin";
        QVERIFY(world.submit(CreatePlanItem{night}).has_value());
        const Overlay cup = edgeOverlay("cup", "2026-06-01T11:00", "2026-06-01T23:00", FloorBounds{3});
        QVERIFY(world.submit(CreatePlanItem{cup}).has_value());
        world.elapse(5s);
        QCOMPARE(world.find("edge").size(), 5u);
        hasZones = false;
        world.restartEngine(1s);
        world.elapse(5s);
        QCOMPARE(world.find("edge").size(), 3u);
        const NodeGroupStatus group = world.snapshot()->nodeGroups.front();
        const std::string sentence = "The schedule \"night\" is not followed: There is no time zone \"Europe/Berlin\".";
        QCOMPARE(group.waitsFor.front(), sentence);
        QCOMPARE(world.auditCount("plan.broken"), 1);
        QCOMPARE(group.pools.front().reasons, (Sentences{"its own rule", "overlay cup, priority 100"}));
        // Nor does it forbid changes of anything else.
        QVERIFY(world.submit(ReplaceNodeGroup{makeGroup({"eu-live", 0, 0, 4})}).has_value());
        const auto deleted = world.submit(DeletePlanItem{{PlanItemKind::Overlay, "cup"}}, {}, Execution::DryRun);
        QVERIFY(deleted->plan.changes.empty());
        world.elapse(5s);
        QCOMPARE(world.find("edge").size(), 4u);
        hasZones = true;
        QVERIFY(world.submit(ReplaceNodeGroup{makeGroup({"eu-live", 0, 0, 1})}).has_value());
        world.elapse(5s);
        QCOMPARE(world.find("edge").size(), 5u);
        QCOMPARE(world.auditCount("plan.mended"), 1);
    }
};

QTEST_GUILESS_MAIN(PlanDiaryTest)
#include "plan_diary_test.moc"
