#include "core/plan/capacity_plan.h"
#include "core/plan/plan_rules.h"
#include "core/plan/unfit_items.h"
#include "tests/support/plans.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;

Q_DECLARE_METATYPE(headgate::PlanDocument)

namespace {

PlanDocument document(std::vector<Schedule> schedules, std::vector<Overlay> overlays = {})
{
    PlanDocument made;
    made.nodeGroups = {plannedGroup()};
    made.schedules = std::move(schedules);
    made.overlays = std::move(overlays);
    return made;
}

Schedule active(const std::string& id, const std::string& start, int hours, int min, int max)
{
    return dailySchedule(id, start, hours, ActiveEffect{min, max});
}

// An overlay from 20:00 to 22:00 of the day that the cases look at.
Overlay evening(const std::string& id, int priority, OverlayOperator op)
{
    return overlay(id, "2026-06-01T20:00", "2026-06-01T22:00", priority, op);
}

constexpr const char* day = "2026-06-01T00:00";
constexpr const char* dayEnd = "2026-06-02T00:00";

}  // namespace

class CapacityPlanTest : public QObject
{
    Q_OBJECT

private:
    static void row(const char* name, PlanDocument document, const char* expected, const char* conflicts = "")
    {
        QTest::newRow(name) << document << QByteArray(expected) << QByteArray(conflicts);
    }

private Q_SLOTS:
    void oneDayOfOneCell_data()
    {
        QTest::addColumn<PlanDocument>("document");
        QTest::addColumn<QByteArray>("expected");
        QTest::addColumn<QByteArray>("conflicts");
        const Schedule evenings = active("evenings", "18:00", 5, 2, 8);
        row("nothing planned", document({}), "00:00 1..4");
        row("one schedule", document({evenings}), "00:00 off, 18:00 2..8, 23:00 off");
        row("E5 always on", document({active("always", "00:00", 24, 1, 2)}), "00:00 1..2");
        row("E6 neighbours with one value", document({active("a", "18:00", 2, 5, 9), active("b", "20:00", 2, 5, 9)}),
            "00:00 off, 18:00 5..9, 22:00 off");
        row("E7 neighbours that differ", document({active("a", "18:00", 2, 5, 9), active("b", "20:00", 2, 3, 9)}),
            "00:00 off, 18:00 5..9, 20:00 3..9, 22:00 off");
        row("union of needs", document({active("a", "18:00", 3, 5, 6), active("b", "20:00", 2, 3, 9)}),
            "00:00 off, 18:00 5..6, 20:00 5..9, 21:00 3..9, 22:00 off");
        row("inactive wins among schedules", document({evenings, dailySchedule("break", "20:00", 1, InactiveEffect{})}),
            "00:00 off, 18:00 2..8, 20:00 off, 21:00 2..8, 23:00 off");
        row("bounds left out are the group's", document({dailySchedule("a", "18:00", 5, ActiveEffect{})}),
            "00:00 off, 18:00 1..4, 23:00 off");
        row("a max below the group's min", document({dailySchedule("a", "18:00", 5, ActiveEffect{{}, 0})}),
            "00:00 off, 18:00 0..0, 23:00 off");
        row("E9 overlay over nothing", document({}, {evening("o", 100, FloorBounds{6})}),
            "00:00 1..4, 20:00 6..6, 22:00 1..4");
        row("E9 deactivating what is inactive",
            document({active("a", "02:00", 1, 2, 3)}, {evening("o", 100, Deactivate{})}),
            "00:00 off, 02:00 2..3, 03:00 off", "C3");
        row("E10 two that replace",
            document({}, {evening("o", 100, ReplaceBounds{2, 9}), evening("p", 100, ReplaceBounds{5, 6})}),
            "00:00 1..4, 20:00 5..9, 22:00 1..4", "C1");
        row("E10 two that are equal",
            document({}, {evening("o", 100, ReplaceBounds{2, 9}), evening("p", 100, ReplaceBounds{2, 9})}),
            "00:00 1..4, 20:00 2..9, 22:00 1..4", "C3");
        row("E11 floor and ceiling",
            document({}, {evening("o", 100, FloorBounds{10}), evening("p", 100, CeilBounds{6})}),
            "00:00 1..4, 20:00 6..6, 22:00 1..4", "C2");
        row("E12 floor over deactivation",
            document({}, {evening("off", 100, Deactivate{}), evening("floor", 200, FloorBounds{10})}),
            "00:00 1..4, 20:00 10..10, 22:00 1..4", "C4 C3");
        row("E12 with less than the group's max",
            document({}, {evening("off", 100, Deactivate{}), evening("floor", 200, FloorBounds{2})}),
            "00:00 1..4, 20:00 2..4, 22:00 1..4", "C4 C3");
        row("nodes more", document({evenings}, {evening("o", 100, ShiftBounds{3, 0})}),
            "00:00 off, 18:00 2..8, 20:00 5..11, 22:00 2..8, 23:00 off");
        row("nodes less than there are", document({evenings}, {evening("o", 100, ShiftBounds{-5, 0})}),
            "00:00 off, 18:00 2..8, 20:00 0..3, 22:00 2..8, 23:00 off");
        row("percent are rounded up", document({}, {evening("o", 100, ShiftBounds{0, 30})}),
            "00:00 1..4, 20:00 2..6, 22:00 1..4");
        row("percent less", document({evenings}, {evening("o", 100, ShiftBounds{0, -30})}),
            "00:00 off, 18:00 2..8, 20:00 2..6, 22:00 2..8, 23:00 off");
        row("shifts of one priority add up",
            document({evenings}, {evening("o", 100, ShiftBounds{1, 50}), evening("p", 100, ShiftBounds{1, 50})}),
            "00:00 off, 18:00 2..8, 20:00 6..18, 22:00 2..8, 23:00 off");
        row("C4 more of nothing", document({active("a", "02:00", 1, 2, 3)}, {evening("o", 100, ShiftBounds{3, 0})}),
            "00:00 off, 02:00 2..3, 03:00 off, 20:00 off, 22:00 off", "C4 C3");
        row("a higher priority replaces all below",
            document({evenings}, {evening("off", 100, Deactivate{}), evening("ceil", 150, CeilBounds{1}),
                                  evening("manual", manualPriority, ReplaceBounds{7, 7})}),
            "00:00 off, 18:00 2..8, 20:00 7..7, 22:00 2..8, 23:00 off", "C3");
        row("longer hours",
            document({evenings}, {overlay("o", "2026-06-01T23:00", "2026-06-02T00:00", 100, Activate{2, 8})}),
            "00:00 off, 18:00 2..8");
        row("expected viewers",
            document({}, {evening("o", 100, ExpectedEffect{8000, std::chrono::hours(1), seconds(1800)})}),
            "00:00 1..4, 20:15 2..4, 20:30 3..4, 20:45 4..4, 21:37 3..4, 21:45 2..4, 21:52 1..4");
        PlanDocument limited = document({}, {evening("o", 100, FloorBounds{10})});
        limited.limits = {{"licence", scope(), 6}};
        row("C6 a limit above all", limited, "00:00 1..4, 20:00 6..6, 22:00 1..4", "C6");
    }

    void oneDayOfOneCell()
    {
        QFETCH(PlanDocument, document);
        QFETCH(QByteArray, expected);
        QFETCH(QByteArray, conflicts);
        const Preview preview = compiled(document).preview(utc(day), utc(dayEnd));
        QCOMPARE(QByteArray::fromStdString(text(preview, "us/edge")), expected);
        QCOMPARE(QByteArray::fromStdString(codes(preview)), conflicts);
    }

    void theMostExactScopeWinsInsideAPriority()
    {
        Overlay group = evening("group", 100, FloorBounds{9});
        Overlay europe = evening("europe", 100, FloorBounds{8});
        europe.scope = scope("eu");
        Overlay berlin = evening("berlin", 100, FloorBounds{2});
        berlin.scope = scope("berlin");
        Overlay origins = evening("origins", 100, CeilBounds{3});
        origins.scope = scope("", "origin");
        Overlay later = evening("later", 200, ShiftBounds{1, 0});
        const auto plan = compiled(document({}, {group, europe, berlin, origins, later}));
        const auto plans = plan.at(utc("2026-06-01T21:00"));
        const auto at = [&](const char* path) { return text(plans[cellIndex(plan.cells(), path)].bounds); };
        QCOMPARE(at("us/edge"), std::string("10..10"));
        QCOMPARE(at("us/origin"), std::string("2..4"));
        QCOMPARE(at("paris/edge"), std::string("9..9"));
        QCOMPARE(at("paris/origin"), std::string("9..9"));
        QCOMPARE(at("berlin/edge"), std::string("3..5"));
    }

    void aScheduleOfASubgroupTakesThePlaceOfTheGroups()
    {
        Schedule everywhere = active("everywhere", "18:00", 2, 2, 2);
        Schedule berlin = active("berlin", "06:00", 2, 3, 3);
        berlin.scope = scope("berlin");
        const Preview preview = compiled(document({everywhere, berlin})).preview(utc(day), utc(dayEnd));
        QCOMPARE(text(preview, "paris/edge"), std::string("00:00 off, 18:00 2..2, 20:00 off"));
        QCOMPARE(text(preview, "berlin/edge"), std::string("00:00 off, 06:00 3..3, 08:00 off"));
    }

    void expectedViewersAreForTheRolesThatServeThem()
    {
        const auto plan = compiled(document({}, {evening("o", 100, ExpectedEffect{9000, {}, {}})}), {2000});
        const auto plans = plan.at(utc("2026-06-01T21:00"));
        QCOMPARE(text(plans[cellIndex(plan.cells(), "us/edge")].bounds), std::string("5..5"));
        QCOMPARE(text(plans[cellIndex(plan.cells(), "us/origin")].bounds), std::string("1..4"));
    }

    void hugeNumbersAreCutInsteadOfOverflowing()
    {
        std::vector<Overlay> overlays;
        for (int priority = 0; priority < 20; ++priority)
            overlays.push_back(evening("p" + std::to_string(priority), priority, ShiftBounds{0, 1000}));
        QCOMPARE(text(compiled(document({}, overlays)).at(utc("2026-06-01T21:00")).front().bounds),
                 std::string("1000000..1000000"));
        const auto crowd = document({}, {evening("o", 100, ExpectedEffect{100'000'000, std::chrono::hours(1), {}})});
        const auto plan = compiled(crowd, {1});
        QCOMPARE(plan.at(utc("2026-06-01T21:30"))[cellIndex(plan.cells(), "us/edge")].bounds.min, 10'000);
    }

    void provenanceNamesAllThatHadAPart()
    {
        const auto plan =
            compiled(document({active("weekdays", "18:00", 5, 2, 8)},
                              {evening("off", 100, Deactivate{}), evening("final", 200, FloorBounds{6})}));
        const auto plans = plan.at(utc("2026-06-01T21:00"));
        std::string names;
        for (int reason : plans[0].notes.reasons)
            names += plan.sources()[static_cast<std::size_t>(reason)].id + " ";
        QCOMPARE(names, std::string("live weekdays off final "));
    }

    // E15: without the overlay the lower layers hold. E14: an overlay that ends now leaves what was before as it was.
    void overlaysThatEndGiveWay()
    {
        Overlay running = evening("o", 100, FloorBounds{6});
        PlanDocument with = document({active("a", "18:00", 5, 2, 8)}, {running});
        PlanDocument without = with;
        without.overlays.clear();
        PlanDocument ended = with;
        ended.overlays[0].to = utc("2026-06-01T21:00");
        const Preview before = compiled(with).preview(utc(day), utc(dayEnd));
        QCOMPARE(text(compiled(without).preview(utc(day), utc(dayEnd)), "us/edge"),
                 std::string("00:00 off, 18:00 2..8, 23:00 off"));
        const auto differences = difference(before, compiled(ended).preview(utc(day), utc(dayEnd)));
        QCOMPARE(differences.size(), std::size_t(6));
        for (const PlanDifference& each : differences) {
            QCOMPARE(each.start, utc("2026-06-01T21:00"));
            QCOMPARE(each.end, utc("2026-06-01T22:00"));
            QCOMPARE(text(each.before) + " " + text(each.after), std::string("6..8 2..8"));
        }
    }

    // E16, E17, E18: the answer depends on the instant alone, not on what was asked before.
    void theAnswerDependsOnTheInstantAlone()
    {
        const auto plan = compiled(document({active("a", "18:00", 2, 2, 8)}, {evening("o", 100, FloorBounds{6})}));
        const auto asked = plan.at(utc("2026-06-01T19:00"));
        (void)plan.at(utc("2026-06-05T19:00"));
        (void)plan.nextChangeAfter(utc("2026-06-01T18:55"));
        QCOMPARE(plan.at(utc("2026-06-01T19:00")), asked);
        // Each window has one identity, so that its edges are told once however the clock is set.
        const auto windows = plan.windows(utc("2026-06-01T17:00"), utc("2026-06-01T23:00"));
        QCOMPARE(windows.size(), std::size_t(1));
        QCOMPARE(toText(windows[0].window.occurrence), std::string("2026-06-01T18:00:00"));
    }

    // E19
    void aNewZoneRuleMovesWhatIsToCome()
    {
        Schedule schedule = active("a", "18:00", 2, 2, 8);
        std::get<CalendarTiming>(schedule.timing).zone = "Europe/Berlin";
        const PlanDocument written = document({schedule});
        const ZoneLoader abolished = [](const std::string& name) -> Result<ZoneRules> {
            return ZoneRules(name, seconds(3600), {});
        };
        const auto before = compiled(written).preview(utc(day), utc(dayEnd));
        const auto after =
            CapacityPlan::compile(written, NodeGroupName("live"), abolished, {})->preview(utc(day), utc(dayEnd));
        QCOMPARE(text(before, "us/edge"), std::string("00:00 off, 16:00 2..8, 18:00 off"));
        QCOMPARE(text(after, "us/edge"), std::string("00:00 off, 17:00 2..8, 19:00 off"));
        QCOMPARE(difference(before, after).size(), std::size_t(12));
    }

    // E13, E23
    void theWorldAddsItsOwnConflicts()
    {
        const auto plan =
            compiled(document({}, {evening("off", 100, Deactivate{}),
                                   overlay("short", "2026-06-01T10:00", "2026-06-01T10:01", 100, FloorBounds{6}),
                                   overlay("soon", "2026-06-01T21:01", "2026-06-01T22:01", 200, FloorBounds{6}),
                                   overlay("later", "2026-06-02T21:01", "2026-06-02T22:01", 200, FloorBounds{6})}));
        const PlanFacts facts{utc("2026-06-01T21:00"), seconds(150), 3};
        QCOMPARE(codes(plan.preview(utc(day), utc(dayEnd))), std::string("C4"));
        const Preview preview = plan.preview(utc(day), utc(dayEnd), facts);
        QCOMPARE(codes(preview), std::string("C7 C4 C5"));
        for (const Conflict& conflict : preview.conflicts)
            QVERIFY(!describe(conflict, preview).empty());
        const PlanFacts early{utc("2026-06-01T09:00"), seconds(150), 3};
        QCOMPARE(codes(plan.preview(utc(day), utc(dayEnd), early)), std::string("C5 C4"));
    }

    void clocksThatMoveAWindowAreReported()
    {
        Schedule schedule = active("a", "02:30", 2, 2, 8);
        auto& timing = std::get<CalendarTiming>(schedule.timing);
        timing.zone = "America/New_York";
        for (const DstPolicy dst : {DstPolicy::Cover, DstPolicy::Rfc5545, DstPolicy::Skip}) {
            timing.dst = dst;
            const auto plan = compiled(document({schedule}));
            QCOMPARE(codes(plan.preview(utc("2026-03-08T00:00"), utc("2026-03-09T00:00"))), std::string("C8"));
            QCOMPARE(codes(plan.preview(utc("2026-03-10T00:00"), utc("2026-03-11T00:00"))), std::string());
        }
        for (const char* cron : {"0 30 2 * * ?", "0 15 1 * * ?"}) {
            schedule.timing = CronTiming{"America/New_York", CronExpression::parse(cron).value(), seconds(3600), {}};
            const bool isInGap = std::string(cron).find(" 2 ") != std::string::npos;
            const auto plan = compiled(document({schedule}));
            const Instant spring = utc("2026-03-08T00:00"), autumn = utc("2026-11-01T00:00");
            QCOMPARE(codes(plan.preview(spring, spring + std::chrono::days(1))), std::string(isInGap ? "C8" : ""));
            QCOMPARE(codes(plan.preview(autumn, autumn + std::chrono::days(1))), std::string(isInGap ? "" : "C8"));
            QCOMPARE(codes(plan.preview(utc(day), utc(dayEnd))), std::string());
        }
    }

    void floorsAreReadyAhead()
    {
        const auto plan =
            compiled(document({active("a", "18:00", 2, 3, 8)},
                              {evening("o", 100, FloorBounds{6}),
                               overlay("hard", "2026-06-02T17:00", "2026-06-02T18:30", 100, Deactivate{true}),
                               overlay("soft", "2026-06-03T17:00", "2026-06-03T18:30", 100, Deactivate{})}));
        const auto ahead = [&](const char* t) { return plan.floorAhead(0, utc(t), seconds(150)); };
        QCOMPARE(ahead("2026-06-01T17:57:29"), 0);
        QCOMPARE(ahead("2026-06-01T17:57:30"), 3);
        QCOMPARE(ahead("2026-06-01T19:58:00"), 6);
        QCOMPARE(ahead("2026-06-02T18:29:00"), 0);
        QCOMPARE(ahead("2026-06-02T18:30:00"), 3);
        QCOMPARE(ahead("2026-06-03T18:29:00"), 3);
    }

    void configurationOverlaysTakeThePlaceOfTheirBase()
    {
        const auto open = [](const char* name, const char* cron, int hours, int min) {
            ConfigurationOverlay made{plannedGroup(name, min, min + 5), NodeGroupName("live"), {}};
            made.openings.push_back({"w", {"UTC", CronExpression::parse(cron).value(), std::chrono::hours(hours), {}}});
            return made;
        };
        PlanDocument written = document({}, {evening("o", 100, ShiftBounds{1, 0})});
        written.configurations = {open("b-late", "0 0 19 * * ?", 2, 10), open("c-tie", "0 0 18 * * ?", 2, 30),
                                  open("a-early", "0 0 18 * * ?", 6, 20)};
        // The cell that only an overlay's configuration has
        Subgroup asia = plannedGroup().subgroups[1];
        asia.name = "asia";
        written.configurations[0].configuration.subgroups.push_back(asia);
        const auto plan = compiled(written);
        const Preview preview = plan.preview(utc(day), utc(dayEnd));
        QCOMPARE(text(preview, "us/edge"), std::string("00:00 1..4, 18:00 20..25, 19:00 10..15, 20:00 11..16, "
                                                       "21:00 21..26, 22:00 20..25"));
        QCOMPARE(text(preview, "asia/edge"), std::string("00:00 off, 19:00 1..4, 20:00 2..5, 21:00 off"));
        QCOMPARE(codes(preview), std::string("C1"));
        QCOMPARE(plan.configurationAt(utc("2026-06-01T18:30")), 3);
        QCOMPARE(plan.configurationAt(utc("2026-06-01T19:00")), 1);
        QCOMPARE(plan.configurationAt(utc("2026-06-01T21:00")), 3);
        QCOMPARE(plan.configurationAt(utc("2026-06-01T00:00")), 0);
        QCOMPARE(*plan.nextChangeAfter(utc("2026-06-01T19:10")), utc("2026-06-01T20:00"));
    }

    void aConfigurationThatComesDueEachMinuteHoldsAllTheTime()
    {
        PlanDocument written = document({});
        written.configurations = {{plannedGroup("x", 3, 5), NodeGroupName("live"), {}}};
        written.configurations[0].openings = {
            {"w", {"UTC", CronExpression::parse("0 * * * * ? *").value(), seconds(60), {}}}};
        const auto plan = compiled(written);
        QCOMPARE(*plan.nextChangeAfter(utc(day)), utc(day) + std::chrono::days(2));
        QCOMPARE(*plan.nextEdgeAfter(utc(day)), utc(day) + std::chrono::days(2));
        const Preview year = plan.preview(utc(day), utc(day) + std::chrono::days(40));
        QCOMPARE(text(year, "us/edge"), std::string("00:00 3..5"));
    }

    void theNextChangeIsFound()
    {
        const auto always = compiled(document({active("always", "00:00", 24, 1, 2)}));
        QCOMPARE(*always.nextChangeAfter(utc(day)), utc(day) + std::chrono::days(400));
        QVERIFY(!compiled(document({})).nextChangeAfter(utc(day)));
        const auto once = compiled(document({}, {evening("o", 100, FloorBounds{6})}));
        QCOMPARE(*once.nextChangeAfter(utc(day)), utc("2026-06-01T20:00"));
        QCOMPARE(*once.nextChangeAfter(utc("2026-06-01T20:00")), utc("2026-06-01T22:00"));
        QVERIFY(!once.nextChangeAfter(utc("2026-06-01T22:00")));
    }

    // Files of zones are read from a disk, and by a program that may run out of descriptors.
    void aZoneThatCannotBeReadASecondTimeDoesNoHarm()
    {
        int asked = 0;
        const ZoneLoader once = [&](const std::string& name) -> Result<ZoneRules> {
            if (++asked > 1)
                return fail(ErrorCode::NotFound, "There is no zone " + name + " any more.");
            return zone(name);
        };
        const auto written = document({active("a", "18:00", 2, 2, 8), active("b", "20:00", 2, 2, 8)});
        const auto plan = CapacityPlan::compile(written, NodeGroupName("live"), once, {});
        QVERIFY(plan);
        QCOMPARE(text(plan->preview(utc(day), utc(dayEnd)), "us/edge"),
                 std::string("00:00 off, 18:00 2..8, 22:00 off"));
        QCOMPARE(asked, 1);
    }

    void whatBreaksARuleIsNamed_data()
    {
        QTest::addColumn<PlanDocument>("document");
        QTest::addColumn<QByteArray>("pointer");
        const auto bad = [](const char* pointer, auto change) {
            PlanDocument made = document({active("a", "18:00", 2, 2, 8)}, {evening("o", 100, FloorBounds{6})});
            change(made, std::get<CalendarTiming>(made.schedules[0].timing), made.overlays[0]);
            QTest::newRow(pointer) << made << QByteArray(pointer);
        };
        using D = PlanDocument&;
        using T = CalendarTiming&;
        using O = Overlay&;
        bad("/schedules/0/timing/zone", [](D, T timing, O) { timing.zone = "Europe/Atlantis"; });
        bad("/schedules/0/timing/end", [](D, T timing, O) { timing.end = WallEnd{std::chrono::hours(18), 0}; });
        // The midnight that the last day ends with has no name in a calendar.
        bad("/schedules/0/timing/end", [](D, T timing, O) {
            timing.start = local("2199-12-31T18:00");
            timing.end = WallEnd{std::chrono::hours(24), 0};
        });
        bad("/schedules/0/timing/rule",
            [](D, T timing, O) { timing.rule = recurrenceFromText("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30").value(); });
        bad("/schedules/0/effect/min", [](D d, T, O) { d.schedules[0].effect = ActiveEffect{5, 4}; });
        bad("/schedules/0/scope/subgroup", [](D d, T, O) { d.schedules[0].scope.subgroup = "mars"; });
        bad("/schedules/0/scope/role", [](D d, T, O) { d.schedules[0].scope.role = "mixer"; });
        bad("/schedules/0/scope/nodeGroup", [](D d, T, O) { d.schedules[0].scope.nodeGroup.value = "other"; });
        bad("/schedules/0/exclusions/0", [](D d, T, O) { d.schedules[0].exclusions = {"holidays"}; });
        bad("/schedules/0/changes/0/end", [](D d, T timing, O) {
            d.schedules[0].changes = {{timing.start, {}, ExactEnd{seconds(0)}, {}}};
        });
        bad("/overlays/0/id", [](D, T, O o) { o.id = "a"; });
        bad("/overlays/0/to", [](D, T, O o) { o.to = o.from; });
        bad("/overlays/0/priority", [](D, T, O o) { o.priority = 1001; });
        bad("/overlays/0/displayZone", [](D, T, O o) { o.displayZone = "../passwd"; });
        bad("/overlays/0/op/min", [](D, T, O o) { o.op = ReplaceBounds{3, 2}; });
        bad("/overlays/0/op/nodes", [](D, T, O o) { o.op = FloorBounds{-1}; });
        bad("/overlays/0/op/percent", [](D, T, O o) { o.op = ShiftBounds{0, -101}; });
        bad("/overlays/0/op/rampS", [](D, T, O o) { o.op = ExpectedEffect{10, std::chrono::hours(2), seconds(1)}; });
        bad("/limits/0/nodes", [](D d, T, O) { d.limits = {{"x", scope(), 1025}}; });
        bad("/configurations/0/openings", [](D d, T, O) {
            d.configurations = {{plannedGroup("x"), scope().nodeGroup, {}}};
        });
        bad("/configurations/0/openings/1/name", [](D d, T, O) {
            const CronTiming night{"UTC", CronExpression::parse("0 0 20 * * ?").value(), seconds(3600), {}};
            d.configurations = {{plannedGroup("x"), scope().nodeGroup, {{"night", night}, {"night", night}}}};
        });
    }

    void whatBreaksARuleIsNamed()
    {
        QFETCH(PlanDocument, document);
        QFETCH(QByteArray, pointer);
        const auto errors = validate(document, loadZone);
        QVERIFY(!errors.empty());
        QCOMPARE(QByteArray::fromStdString(errors.front().pointer), pointer);
        QVERIFY(!CapacityPlan::compile(document, NodeGroupName("live"), loadZone, {}));
    }

    void whatBreaksARuleIsTakenOutWithWhatNeedsIt()
    {
        PlanDocument plan = document({active("a", "18:00", 2, 1, 2), active("b", "18:00", 2, 1, 2)},
                                     {evening("lost", 1, FloorBounds{1}), evening("kept", 2, FloorBounds{1})});
        plan.overlays[0].scope.subgroup = "mars";
        plan.schedules[0].exclusions = {"holidays"};
        CalendarTiming event = std::get<CalendarTiming>(plan.schedules[0].timing);
        event.zone = "Europe/Atlantis";
        plan.exclusions = {{"holidays", {{"", event}}}};
        const auto unfit = takeOutUnfit(plan, loadZone);
        QCOMPARE(unfit.size(), 3u);
        QCOMPARE(unfit[0].key.id, std::string("a"));
        QCOMPARE(unfit[1].why, std::string("There is no subgroup \"mars\" in it."));
        QCOMPARE(unfit[2].key.id, std::string("holidays"));
        QVERIFY(plan.exclusions.empty() && plan.schedules.size() == 1 && plan.overlays.front().id == "kept");
        QVERIFY(validate(plan, loadZone).empty());
        QVERIFY(takeOutUnfit(plan, loadZone).empty());
    }
};

QTEST_GUILESS_MAIN(CapacityPlanTest)
#include "capacity_plan_test.moc"
