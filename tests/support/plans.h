#pragma once

#include "core/plan/capacity_plan.h"
#include "core/plan/recurrence.h"
#include "tests/support/zones.h"

#include <string>
#include <utility>
#include <vector>

namespace headgate::testing {

// One subgroup tree: world -> {eu -> {berlin, paris}, us}, with the roles origin and edge in each leaf.
inline NodeGroup plannedGroup(const std::string& name = "live", int min = 1, int max = 4)
{
    NodeGroup group;
    group.name = NodeGroupName(name);
    group.cloudPlatform = "LOCAL";
    group.images = {{"node", "node-1", "", {}, ""}};
    group.roles = {{"edge", "node", "origin", ParentCardinality::Global, {Capability::Subscribe}, {}, ""},
                   {"origin", "node", "", ParentCardinality::Global, {Capability::Publish}, {}, ""}};
    const auto leaf = [&](const std::string& leafName) {
        Subgroup subgroup;
        subgroup.name = leafName;
        for (const char* role : {"edge", "origin"}) {
            ScaleRule rule;
            rule.roleName = role;
            rule.min = min;
            rule.max = max;
            subgroup.rules.push_back(rule);
        }
        return subgroup;
    };
    Subgroup europe;
    europe.name = "eu";
    europe.children = {leaf("berlin"), leaf("paris")};
    group.subgroups = {europe, leaf("us")};
    return group;
}

inline PlanScope scope(const std::string& subgroup = "", const std::string& role = "")
{
    return {NodeGroupName("live"), subgroup, role};
}

// Each day from `start` ("20:00") for so many hours, in UTC.
inline Schedule dailySchedule(const std::string& id, const std::string& start, int hours, ScheduleEffect effect)
{
    CalendarTiming timing;
    timing.zone = "UTC";
    timing.start = local("2026-01-01T" + start);
    timing.end = ExactEnd{std::chrono::hours(hours)};
    timing.rule = recurrenceFromText("FREQ=DAILY").value();
    return {id, id, scope(), timing, effect, {}, {}, true};
}

inline Overlay overlay(const std::string& id, const std::string& from, const std::string& to, int priority,
                       OverlayOperator op)
{
    Overlay made;
    made.id = id;
    made.name = id;
    made.scope = scope();
    made.from = utc(from);
    made.to = utc(to);
    made.priority = priority;
    made.op = op;
    return made;
}

inline CapacityPlan compiled(const PlanDocument& document, const PlanOptions& options = {})
{
    return CapacityPlan::compile(document, NodeGroupName("live"), loadZone, options).value();
}

// The cell "subgroup/role" of a plan.
inline std::size_t cellIndex(const std::vector<PlanCell>& cells, const std::string& path)
{
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i].subgroup + "/" + cells[i].role == path)
            return i;
    }
    return cells.size();
}

inline std::string text(const NodeBounds& bounds)
{
    return bounds.isActive ? std::to_string(bounds.min) + ".." + std::to_string(bounds.max) : "off";
}

// "20:00 3..5 Weekdays" of one cell: start of each segment, bounds, last reason.
inline std::string text(const Preview& preview, const std::string& path)
{
    std::string all;
    for (const Segment& segment : preview.segments) {
        if (segment.cell != static_cast<int>(cellIndex(preview.cells, path)))
            continue;
        all += (all.empty() ? "" : ", ") + toText(segment.start, {}).substr(11, 5) + " " + text(segment.bounds);
    }
    return all;
}

inline std::string codes(const Preview& preview)
{
    std::string all;
    for (const Conflict& conflict : preview.conflicts) {
        const std::string code(toWord(conflict.code));
        if (all.find(code) == std::string::npos)
            all += (all.empty() ? "" : " ") + code;
    }
    return all;
}

}  // namespace headgate::testing
