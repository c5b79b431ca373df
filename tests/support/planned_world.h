#pragma once

#include "core/base/check.h"
#include "tests/support/groups.h"
#include "tests/support/plans.h"
#include "tests/support/scripted_world.h"

#include <string>
#include <utility>
#include <vector>

// A world with one group, "eu-live" in eu-west-1, whose edges a plan is for. Times are UTC.
namespace headgate::testing {

inline EngineOptions zonedOptions()
{
    EngineOptions options;
    options.zones = loadZone;
    return options;
}

inline PlanScope edges()
{
    return {NodeGroupName("eu-live"), "", "edge"};
}

inline Schedule edgeSchedule(const std::string& id, const std::string& start, int hours, ScheduleEffect effect)
{
    Schedule schedule = dailySchedule(id, start, hours, std::move(effect));
    schedule.scope = edges();
    return schedule;
}

inline Overlay edgeOverlay(const std::string& id, const std::string& from, const std::string& to, OverlayOperator op,
                           int priority = defaultPriority)
{
    Overlay made = overlay(id, from, to, priority, std::move(op));
    made.scope = edges();
    return made;
}

inline ActiveEffect running(int min)
{
    return {min, min + 10};
}

class PlannedWorld : public ScriptedWorld
{
public:
    // `edges` is what the group's own rule wants, outside of schedules.
    explicit PlannedWorld(const std::string& start, int edges = 0, const std::vector<PlanItem>& items = {})
        : ScriptedWorld(zonedOptions(), utc(start))
    {
        put(makeGroup({"eu-live", 1, 0, edges}));
        for (const PlanItem& item : items)
            create(item);
        elapse(std::chrono::seconds(3));
    }

    void create(PlanItem item) { expect(submit(CreatePlanItem{std::move(item)})); }
    void replace(PlanItem item) { expect(submit(ReplacePlanItem{std::move(item)})); }
    void erase(PlanItemKind kind, const std::string& id) { expect(submit(DeletePlanItem{{kind, id}})); }

    void put(NodeGroup group)
    {
        const bool isThere = storedGroups.contains(group.name);
        expect(isThere ? submit(ReplaceNodeGroup{std::move(group)}) : submit(CreateNodeGroup{std::move(group)}));
    }

    void elapseTo(const std::string& time)
    {
        const TimePoint end = utc(time);
        HG_CHECK(end >= now());
        elapse(end - now());
    }

    // The fewest edges that were in service at any second until then.
    std::size_t fewestUntil(const std::string& time)
    {
        std::size_t fewest = find("edge").size();
        while (now() < TimePoint(utc(time))) {
            elapse(std::chrono::seconds(1));
            fewest = std::min(fewest, find("edge").size());
        }
        return fewest;
    }

    std::size_t edgesInService() const { return find("edge").size(); }

    NodeGroupStatus group() const { return *snapshot()->findNodeGroup(NodeGroupName("eu-live")); }

    PoolStatus pool(const std::string& role = "edge") const
    {
        for (const PoolStatus& each : group().pools) {
            if (each.key.role == role)
                return each;
        }
        return {};
    }

    std::vector<std::string> sentences(const std::string& verb) const
    {
        std::vector<std::string> all;
        for (const AuditRecord& record : audit) {
            if (record.verb == verb)
                all.push_back(record.sentence);
        }
        return all;
    }

private:
    static void expect(const Result<CommandOutcome>& outcome)
    {
        if (!outcome)
            failCheck(outcome.error().message.c_str(), __FILE__, __LINE__);
    }
};

}  // namespace headgate::testing
