#include "tests/support/groups.h"
#include "tests/support/plans.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

EngineOptions withZones()
{
    EngineOptions options;
    options.zones = loadZone;
    return options;
}

Instant instantOf(TimePoint t)
{
    return std::chrono::floor<seconds>(t);
}

}  // namespace

// The world begins on 2027-01-15 at 08:00:00Z; its group "live" has two roles in three leaves, 0 to 4 nodes in each.
class PlanCommandsTest : public QObject
{
    Q_OBJECT

private:
    static ScriptedWorld plannedWorld()
    {
        ScriptedWorld world(withZones());
        if (!world.submit(CreateNodeGroup{plannedGroup("live", 0, 4)}))
            qFatal("the group was refused");
        return world;
    }

    // From `in` after now for `length`.
    static Overlay lift(const ScriptedWorld& world, const std::string& id, seconds in, seconds length,
                        OverlayOperator op = FloorBounds{2}, int priority = defaultPriority)
    {
        Overlay made;
        made.id = id;
        made.name = id;
        made.scope = scope("us", "edge");
        made.from = instantOf(world.now()) + in;
        made.to = made.from + length;
        made.priority = priority;
        made.op = op;
        return made;
    }

    static const StoredPlanItem* find(const ScriptedWorld& world, PlanItemKind kind, const std::string& id)
    {
        const StoredPlanPtr plan = const_cast<ScriptedWorld&>(world).engine().plan();
        const auto found = std::ranges::find_if(plan->items, [&](const StoredPlanItem& stored) {
            return keyOf(stored.item) == PlanItemKey{kind, id};
        });
        static StoredPlanItem copy;
        if (found == plan->items.end())
            return nullptr;
        copy = *found;
        return &copy;
    }

    static std::string codesOf(const CommandOutcome& outcome)
    {
        std::string codes;
        for (const PlanFinding& finding : outcome.plan.findings)
            codes += (codes.empty() ? "" : " ") + finding.code;
        return codes;
    }

private Q_SLOTS:
    void aScheduleIsMadeChangedAndDeletedByVersions()
    {
        ScriptedWorld world = plannedWorld();
        const Schedule evenings = dailySchedule("evenings", "18:00:00", 4, ActiveEffect{1, 3});
        const auto made = world.submit(CreatePlanItem{evenings});
        QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
        QCOMPARE(made->version, std::uint64_t(1));
        QCOMPARE(made->plan.itemId, std::string("evenings"));
        QCOMPARE(world.engine().plan()->revision, made->revision);
        QCOMPARE(world.snapshot()->planRevision, made->revision);
        QCOMPARE(world.submit(CreatePlanItem{evenings}).error().code, ErrorCode::AlreadyExists);
        Schedule later = evenings;
        later.effect = ActiveEffect{2, 3};
        QCOMPARE(world.submit(ReplacePlanItem{later}, 7).error().code, ErrorCode::VersionMismatch);
        const auto replaced = world.submit(ReplacePlanItem{later}, 1);
        QCOMPARE(replaced->version, std::uint64_t(2));
        QCOMPARE(replaced->changes, (std::vector<FieldChange>{{"/effect/min", "1", "2"}}));
        QVERIFY(find(world, PlanItemKind::Schedule, "evenings")->item == PlanItem(later));
        const PlanItemKey key{PlanItemKind::Schedule, "evenings"};
        QVERIFY(world.submit(DeletePlanItem{key}, 2).has_value());
        QVERIFY(world.engine().plan()->items.empty());
        QCOMPARE(world.submit(DeletePlanItem{key}).error().code, ErrorCode::NotFound);
        QCOMPARE(world.submit(ReplacePlanItem{later}).error().code, ErrorCode::NotFound);
        for (const char* verb : {"schedule.create", "schedule.replace", "schedule.delete"})
            QCOMPARE(world.auditCount(verb), 1);
        QVERIFY(world.audit.back().before.find("\"evenings\"") != std::string::npos);
    }

    void aDryRunTellsWindowsChangesAndConflicts()
    {
        ScriptedWorld world = plannedWorld();
        const auto tried = world.submit(CreatePlanItem{lift(world, "cup", 3600s, 7200s)}, {}, Execution::DryRun);
        QVERIFY2(tried.has_value(), tried ? "" : tried.error().message.c_str());
        const TimePoint start = world.now() + 3600s;
        QCOMPARE(tried->plan.windows, (std::vector<PlanWindow>{{"cup", start, start + 7200s}}));
        const PoolKey pool{NodeGroupName("live"), "us", "edge"};
        QCOMPARE(tried->plan.changes, (std::vector<PlanChange>{{pool, start, start + 7200s, true, true, 0, 4, 2, 4}}));
        QVERIFY(world.engine().plan()->items.empty());
        QCOMPARE(tried->effects.front(),
                 "From " + toRfc3339(start) + " on the nodes of role edge in us of live are 2 to 4 instead of 0 to 4.");

        Schedule nights = dailySchedule("nights", "02:30:00", 3, ActiveEffect{1, 2});
        std::get<CalendarTiming>(nights.timing).zone = "America/New_York";
        const auto outcome = world.submit(CreatePlanItem{nights});
        QCOMPARE(outcome->plan.windows.size(), PlanOutcome::mostWindows);
        QCOMPARE(outcome->plan.windows.front().start, TimePoint(utc("2027-01-15T07:30")));
        QCOMPARE(outcome->plan.changes.size(), PlanOutcome::mostChanges);
        QVERIFY2(codesOf(*outcome).find("C8") != std::string::npos, codesOf(*outcome).c_str());

        const auto idle = world.submit(CreatePlanItem{lift(world, "idle", 60s, 60s, CeilBounds{50})});
        QCOMPARE(codesOf(*idle), std::string("C3"));
        QCOMPARE(idle->effects.front(), std::string("The numbers of nodes stay as they are."));
    }

    void whatComesTooSoonOrEndsStreamsIsToldAsAConflict()
    {
        ScriptedWorld world(withZones());
        QVERIFY(world.submit(CreateNodeGroup{plannedGroup("live", 1, 4)}).has_value());
        world.elapse(3s);
        const auto soon = world.submit(CreatePlanItem{lift(world, "soon", 0s, 3600s)});
        QVERIFY2(codesOf(*soon).find("C5") != std::string::npos, codesOf(*soon).c_str());
        const auto calm = world.submit(CreatePlanItem{lift(world, "calm", 7200s, 3600s)});
        QCOMPARE(codesOf(*calm), std::string());
        world.publish(world.find("origin").front(), "live/show1");
        world.elapse(2s);
        Overlay off = lift(world, "off", 0s, 3600s, Deactivate{}, 200);
        off.scope = scope();
        const auto ended = world.submit(CreatePlanItem{off}, {}, Execution::DryRun);
        QVERIFY2(codesOf(*ended).find("C7") != std::string::npos, codesOf(*ended).c_str());
    }

    void whatHasNoIdGetsOne()
    {
        ScriptedWorld world = plannedWorld();
        const auto tried = world.submit(CreatePlanItem{lift(world, "", 60s, 60s)}, {}, Execution::DryRun);
        const auto first = world.submit(CreatePlanItem{lift(world, "", 60s, 60s)});
        const auto second = world.submit(CreatePlanItem{lift(world, "", 60s, 60s)});
        QCOMPARE(first->plan.itemId.size(), std::size_t(12));
        QCOMPARE(tried->plan.itemId, first->plan.itemId);
        QVERIFY(first->plan.itemId != second->plan.itemId);
        const auto* stored = find(world, PlanItemKind::Overlay, first->plan.itemId);
        QCOMPARE(std::get<Overlay>(stored->item).author, std::string("admin"));
    }

    void brokenRulesAreRefusedWithTheirPlace()
    {
        ScriptedWorld world = plannedWorld();
        const auto pointerOf = [&](PlanItem item) {
            const auto outcome = world.submit(CreatePlanItem{std::move(item)});
            return outcome ? std::string("accepted") : outcome.error().pointer;
        };
        Schedule schedule = dailySchedule("s", "18:00:00", 4, ActiveEffect{3, 1});
        QCOMPARE(pointerOf(schedule), std::string("/effect/min"));
        schedule = dailySchedule("s", "18:00:00", 4, ActiveEffect{1, 3});
        schedule.scope.role = "mixer";
        QCOMPARE(pointerOf(schedule), std::string("/scope/role"));
        schedule.scope = {NodeGroupName("other"), "", ""};
        QCOMPARE(pointerOf(schedule), std::string("/scope/nodeGroup"));
        schedule.scope = scope();
        std::get<CalendarTiming>(schedule.timing).zone = "Moon/Sea";
        QCOMPARE(pointerOf(schedule), std::string("/timing/zone"));
        Overlay over = lift(world, "o", -60s, 30s);
        QCOMPARE(pointerOf(over), std::string("/to"));
        over = lift(world, "o", 60s, 60s);
        over.reason = std::string(17'000, 'x');
        const auto large = world.submit(CreatePlanItem{over});
        QVERIFY(!large && large.error().message.find("16384 bytes") != std::string::npos);
        QCOMPARE(pointerOf(PlanLimit{"", scope(), 3}), std::string("/name"));
        QCOMPARE(pointerOf(PlanLimit{"quota", scope(), 3000}), std::string("/nodes"));
        NodeGroup bad = plannedGroup("alternative");
        bad.roles.clear();
        QVERIFY(pointerOf(ConfigurationOverlay{bad, NodeGroupName("live"), {}}).starts_with("/configuration/"));
        CronTiming timing;
        timing.cron = CronExpression::parse("0 0 20 * * ?").value();
        const NodeGroup sameName = plannedGroup("live");
        QCOMPARE(pointerOf(ConfigurationOverlay{sameName, NodeGroupName("live"), {{"night", timing, {}}}}),
                 std::string("/configuration/name"));
        QVERIFY(world.engine().plan()->items.empty());
    }

    // The console of the same process sends values that were no document before.
    void onlyWhatCanBeReadAgainIsStored()
    {
        ScriptedWorld world = plannedWorld();
        Overlay endless = lift(world, "o", 60s, 60s);
        endless.to = Instant(std::chrono::sys_days(std::chrono::year(2300) / 1 / 1));
        const auto late = world.submit(CreatePlanItem{endless});
        QVERIFY(!late);
        QCOMPARE(late.error().pointer, std::string("/to"));
        Schedule schedule = dailySchedule("s", "18:00:00", 4, ActiveEffect{1, 3});
        std::get<CalendarTiming>(schedule.timing).rule->interval = 0;
        const auto standing = world.submit(CreatePlanItem{schedule});
        QVERIFY(!standing);
        QCOMPARE(standing.error().pointer, std::string("/timing/rule"));
        QVERIFY(world.engine().plan()->items.empty());
    }

    void oneIdIsNeverAScheduleAndAnOverlay()
    {
        ScriptedWorld world = plannedWorld();
        QVERIFY(world.submit(CreatePlanItem{dailySchedule("a", "18:00:00", 4, ActiveEffect{})}).has_value());
        const auto refused = world.submit(CreatePlanItem{lift(world, "a", 60s, 60s)});
        QCOMPARE(refused.error().pointer, std::string("/id"));
    }

    // E10
    void contradictoryReplacementsAreRefusedAndImported()
    {
        ScriptedWorld world = plannedWorld();
        QVERIFY(world.submit(CreatePlanItem{lift(world, "a", 600s, 600s, ReplaceBounds{1, 1})}).has_value());
        const Overlay other = lift(world, "b", 900s, 600s, ReplaceBounds{2, 2});
        const auto refused = world.submit(CreatePlanItem{other});
        QCOMPARE(refused.error().code, ErrorCode::Conflict);
        QVERIFY(refused.error().message.find("\"a\"") != std::string::npos);
        QVERIFY(world.submit(CreatePlanItem{lift(world, "same", 900s, 100s, ReplaceBounds{1, 1})}).has_value());
        QVERIFY(world.submit(CreatePlanItem{lift(world, "high", 900s, 600s, ReplaceBounds{2, 2}, 200)}).has_value());
        PlanDocument document;
        document.overlays = {other};
        const auto imported = world.submit(ImportPlan{document});
        QVERIFY2(imported.has_value(), imported ? "" : imported.error().message.c_str());
        QVERIFY(codesOf(*imported).find("C1") != std::string::npos);
    }

    // E14
    void whatHasBeenStays()
    {
        ScriptedWorld world = plannedWorld();
        Overlay running = lift(world, "cup", 0s, 600s);
        QVERIFY(world.submit(CreatePlanItem{running}).has_value());
        running.author = "admin";
        world.elapse(60s);
        Overlay moved = running;
        moved.from -= 10s;
        QCOMPARE(world.submit(ReplacePlanItem{moved}).error().pointer, std::string("/from"));
        Overlay ended = running;
        ended.to = running.from + 10s;
        QVERIFY(world.submit(ReplacePlanItem{ended}).has_value());
        const auto* stored = find(world, PlanItemKind::Overlay, "cup");
        QCOMPARE(std::get<Overlay>(stored->item).to, instantOf(world.now()));
        world.elapse(10s);
        QCOMPARE(world.submit(ReplacePlanItem{running}).error().code, ErrorCode::Conflict);
        // E15
        QVERIFY(world.submit(DeletePlanItem{{PlanItemKind::Overlay, "cup"}}).has_value());
    }

    void anImportIsWholeOrNothing()
    {
        ScriptedWorld world = plannedWorld();
        PlanDocument document;
        document.nodeGroups = {plannedGroup("second", 0, 4)};
        document.schedules = {dailySchedule("a", "18:00:00", 4, ActiveEffect{1, 3}),
                              dailySchedule("b", "02:00:00", 4, ActiveEffect{1, 3})};
        document.schedules[1].scope.nodeGroup = NodeGroupName("second");
        document.exclusions = {{"holidays", {}}};
        document.schedules[0].exclusions = {"holidays"};
        PlanDocument broken = document;
        broken.schedules[1].scope.subgroup = "moon";
        QCOMPARE(world.submit(ImportPlan{broken}).error().pointer, std::string("/schedules/1/scope/subgroup"));
        broken = document;
        broken.nodeGroups[0].cloudPlatform = "MOON";
        QCOMPARE(world.submit(ImportPlan{broken}).error().pointer, std::string("/nodeGroups/0/cloudPlatform"));
        QVERIFY(world.engine().plan()->items.empty() && world.snapshot()->nodeGroups.size() == 1);

        const auto done = world.submit(ImportPlan{document}, 0);
        QVERIFY2(done.has_value(), done ? "" : done.error().message.c_str());
        QCOMPARE(done->version, done->revision);
        QCOMPARE(world.engine().plan()->items.size(), std::size_t(3));
        QVERIFY(world.snapshot()->findNodeGroup(NodeGroupName("second")));
        QCOMPARE(world.auditCount("plan.import"), 1);
        QCOMPARE(done->changes.size(), std::size_t(4));
        QCOMPARE(done->plan.windows.size(), PlanOutcome::mostWindows);

        const auto again = world.submit(ImportPlan{document});
        QCOMPARE(again->effects, (std::vector<std::string>{"Everything in it is like that already."}));
        QCOMPARE(world.auditCount("plan.import"), 1);
        document.schedules[0].isEnabled = false;
        QCOMPARE(world.submit(ImportPlan{document}, 0).error().code, ErrorCode::VersionMismatch);
        const auto changed = world.submit(ImportPlan{document}, done->version);
        QCOMPARE(changed->changes.size(), std::size_t(1));
        QCOMPARE(changed->changes[0].pointer, std::string("/schedules/a"));
        QCOMPARE(find(world, PlanItemKind::Schedule, "a")->version, std::uint64_t(2));
        QCOMPARE(find(world, PlanItemKind::Schedule, "b")->version, std::uint64_t(1));
    }

    void aGroupKeepsWhatItsPlanNames()
    {
        ScriptedWorld world = plannedWorld();
        Schedule berlin = dailySchedule("berlin", "18:00:00", 4, ActiveEffect{1, 3});
        berlin.scope = scope("berlin");
        QVERIFY(world.submit(CreatePlanItem{berlin}).has_value());
        NodeGroup smaller = plannedGroup("live", 0, 4);
        smaller.subgroups.erase(smaller.subgroups.begin());
        const auto refused = world.submit(ReplaceNodeGroup{smaller});
        QCOMPARE(refused.error().code, ErrorCode::Conflict);
        QVERIFY(refused.error().message.find("\"berlin\"") != std::string::npos);
        QVERIFY(world.submit(ReplaceNodeGroup{smaller, {{}, {{PlanItemKind::Schedule, "berlin"}}}}).has_value());
        QVERIFY(world.engine().plan()->items.empty());
    }

    void anExclusionSetInUseStays()
    {
        ScriptedWorld world = plannedWorld();
        QVERIFY(world.submit(CreatePlanItem{ExclusionSet{"holidays", {}}}).has_value());
        Schedule schedule = dailySchedule("s", "18:00:00", 4, ActiveEffect{});
        schedule.exclusions = {"holidays"};
        QVERIFY(world.submit(CreatePlanItem{schedule}).has_value());
        const PlanItemKey key{PlanItemKind::ExclusionSet, "holidays"};
        QCOMPARE(world.submit(DeletePlanItem{key}).error().code, ErrorCode::Conflict);
        CalendarTiming day;
        day.start = local("2027-01-20T00:00:00");
        day.end = ExactEnd{24h};
        const auto outcome = world.submit(ReplacePlanItem{ExclusionSet{"holidays", {{"Day", day}}}});
        QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().message.c_str());
        QCOMPARE(outcome->plan.changes.size(), std::size_t(6));
        QCOMPARE(outcome->plan.changes.front().start, TimePoint(utc("2027-01-20T18:00")));
        QVERIFY(world.submit(DeletePlanItem{{PlanItemKind::Schedule, "s"}}).has_value());
        QVERIFY(world.submit(DeletePlanItem{key}).has_value());
    }

    void aGroupsPlanGoesWithIt()
    {
        ScriptedWorld world = plannedWorld();
        CronTiming timing;
        timing.cron = CronExpression::parse("0 0 20 * * ?").value();
        timing.duration = 3600s;
        const auto night = world.submit(CreatePlanItem{
            ConfigurationOverlay{plannedGroup("night", 0, 9), NodeGroupName("live"), {{"n", timing, {}}}}});
        QVERIFY2(night.has_value(), night ? "" : night.error().message.c_str());
        QCOMPARE(night->plan.windows.front(), (PlanWindow{"night", utc("2027-01-15T20:00"), utc("2027-01-15T21:00")}));
        QCOMPARE(world.submit(CreateNodeGroup{plannedGroup("night")}).error().code, ErrorCode::AlreadyExists);
        QVERIFY(world.submit(CreatePlanItem{lift(world, "o", 60s, 60s)}).has_value());
        QVERIFY(world.submit(CreatePlanItem{PlanLimit{"quota", scope(), 3}}).has_value());
        QVERIFY(world.submit(CreatePlanItem{ExclusionSet{"holidays", {}}}).has_value());
        QVERIFY(world.submit(DeleteNodeGroup{NodeGroupName("live")}).has_value());
        const StoredPlanPtr left = world.engine().plan();
        QCOMPARE(left->items.size(), std::size_t(1));
        QVERIFY(left->revision == world.snapshot()->revision);
    }

    void thereIsAMostOfEachKind()
    {
        ScriptedWorld world = plannedWorld();
        PlanDocument document;
        for (int i = 0; i < 10'000; ++i)
            document.overlays.push_back(lift(world, "o" + std::to_string(i), seconds(600 * (i + 1)), 300s));
        const auto imported = world.submit(ImportPlan{document});
        QVERIFY2(imported.has_value(), imported ? "" : imported.error().message.c_str());
        QCOMPARE(imported->changes.size(), std::size_t(200));
        QCOMPARE(world.submit(CreatePlanItem{lift(world, "more", 60s, 60s)}).error().code,
                 ErrorCode::ResourceExhausted);
        QVERIFY(world.submit(DeletePlanItem{{PlanItemKind::Overlay, "o17"}}).has_value());
        QVERIFY(world.submit(CreatePlanItem{lift(world, "more", 60s, 60s)}).has_value());
    }

    void aGroupAndItsSchedulesAreWrittenTogether()
    {
        ScriptedWorld world(withZones());
        Schedule evenings = dailySchedule("evenings", "18:00:00", 4, ActiveEffect{});
        const NodeGroup group = plannedGroup("live", 0, 4);
        Schedule wrong = evenings;
        wrong.scope.role = "mixer";
        QVERIFY(!world.submit(CreateNodeGroup{group, {{wrong}, {}}}));
        QVERIFY(world.snapshot()->nodeGroups.empty());
        const auto made = world.submit(CreateNodeGroup{group, {{evenings}, {}}});
        QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
        QVERIFY(find(world, PlanItemKind::Schedule, "evenings"));
        QCOMPARE(made->changes.back().pointer, std::string("/schedules/evenings"));
        QVERIFY(!made->plan.changes.empty());
    }
};

QTEST_GUILESS_MAIN(PlanCommandsTest)
#include "plan_commands_test.moc"
