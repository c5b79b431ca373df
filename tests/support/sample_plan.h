#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/plan_text.h"
#include "core/plan/recurrence.h"
#include "tests/support/sample_snapshot.h"

#include <memory>
#include <string>
#include <vector>

namespace headgate::test {

inline StoredPlanItem stored(PlanItem item, std::uint64_t version = 1)
{
    StoredPlanItem made;
    made.item = std::move(item);
    made.version = version;
    made.updatedBy = "console";
    made.origin.createdBy = "anna";
    return made;
}

inline Instant instant(const std::string& text)
{
    return instantFromText(text).value();
}

inline Schedule sampleSchedule(const std::string& id, const std::string& name, const PlanScope& scope,
                               const std::string& start, const std::string& rule, ScheduleEffect effect)
{
    CalendarTiming timing;
    timing.zone = "Europe/Berlin";
    timing.start = localTimeFromText(start).value();
    timing.end = ExactEnd{std::chrono::hours(10)};
    if (!rule.empty())
        timing.rule = recurrenceFromText(rule).value();
    Schedule schedule;
    schedule.id = id;
    schedule.name = name;
    schedule.scope = scope;
    schedule.timing = timing;
    schedule.effect = effect;
    return schedule;
}

inline Overlay sampleOverlay(const std::string& id, const std::string& name, const PlanScope& scope,
                             const std::string& from, const std::string& to, OverlayOperator op)
{
    Overlay overlay;
    overlay.id = id;
    overlay.name = name;
    overlay.scope = scope;
    overlay.from = instant(from);
    overlay.to = instant(to);
    overlay.displayZone = "Europe/Berlin";
    overlay.priority = 200;
    overlay.op = op;
    return overlay;
}

// A plan for plannedCluster().
inline StoredPlan samplePlan(std::uint64_t revision = 1)
{
    const PlanScope edges{NodeGroupName("eu-live"), "", "edge"};
    const PlanScope frankfurt{NodeGroupName("eu-live"), "eu-central-1", "edge"};
    const PlanScope everything{NodeGroupName("us-live"), "", ""};
    Overlay doors =
        sampleOverlay("doors", "Doors", frankfurt, "2027-06-26T18:15:00Z", "2027-06-26T21:45:00Z", FloorBounds{6});
    doors.reason = "The doors open at eight.";
    doors.author = "operator";
    const Overlay kernel = sampleOverlay("kernel", "Kernel update", everything, "2027-06-26T19:30:00Z",
                                         "2027-06-27T01:30:00Z", Deactivate{});
    // Nothing comes of it: its floor is below what is held anyway.
    const Overlay idle =
        sampleOverlay("idle", "Spare", frankfurt, "2027-06-26T22:00:00Z", "2027-06-26T23:00:00Z", FloorBounds{1});
    ExclusionSet holidays;
    holidays.name = "holidays";
    CalendarTiming day;
    day.start = localTimeFromText("2027-07-03T00:00:00").value();
    day.end = WallEnd{{}, 1};
    holidays.events = {{"Closed", day}};
    Schedule matchday = sampleSchedule("matchday", "Matchday", edges, "2027-06-05T16:00:00", "FREQ=WEEKLY;BYDAY=WE,SA",
                                       ActiveEffect{3, 8});
    matchday.exclusions = {"holidays"};
    StoredPlan plan;
    plan.revision = revision;
    plan.items = {stored(matchday, 4),
                  stored(sampleSchedule("origins", "Origins", {NodeGroupName("eu-live"), "", "origin"},
                                        "2027-06-05T15:00:00", "FREQ=DAILY", ActiveEffect{1, 4})),
                  stored(doors, 7),
                  stored(idle),
                  stored(kernel, 2),
                  stored(holidays)};
    return plan;
}

// sampleCluster() as it stands with samplePlan() on Sat 26 Jun 2027 18:42:18 UTC (20:42:18 in Berlin).
inline SnapshotPtr plannedCluster(std::uint64_t planRevision = 1)
{
    Snapshot snapshot = *sampleCluster().build();
    snapshot.takenAt = std::chrono::time_point_cast<Duration>(instant("2027-06-26T18:42:18Z"));
    snapshot.planRevision = planRevision;
    for (NodeGroupStatus& group : snapshot.nodeGroups) {
        for (PoolStatus& pool : group.pools)
            pool.leadTime = std::chrono::seconds(148);
    }
    return std::make_shared<const Snapshot>(std::move(snapshot));
}

}  // namespace headgate::test
