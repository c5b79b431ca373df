#pragma once

#include "ui/models/plan_outlook.h"

#include <QString>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace headgate {

// A schedule or overlay that has bars.
struct TimelineItem
{
    PlanItemKey key;
    QString title;  // "Doors: floor 40"
    bool isOff = false;
    bool isDraft = false;  // not saved yet
};

// One window of an item in one row.
struct TimelineBar
{
    int item = 0;
    Instant start;
    Instant end;
    int lane = 0;  // of the overlays' or the schedules' lanes of its row
    bool hasConflict = false;

    bool operator==(const TimelineBar&) const = default;
};

// Things that have a start and an end, by start. Finding those of a stretch does not pass over the others.
template <class Thing>
class ByTime
{
public:
    ByTime() = default;
    explicit ByTime(std::vector<Thing> things) : m_things(std::move(things))
    {
        std::ranges::stable_sort(m_things, {}, &Thing::start);
        Instant furthest{};
        m_furthestEnds.reserve(m_things.size());
        for (const Thing& each : m_things) {
            furthest = std::max(furthest, each.end);
            m_furthestEnds.push_back(furthest);
        }
    }

    std::span<const Thing> all() const { return m_things; }

    // Those that meet [from, to), and perhaps some that do not.
    std::span<const Thing> around(Instant from, Instant to) const
    {
        const auto first = std::ranges::upper_bound(m_furthestEnds, from) - m_furthestEnds.begin();
        const auto last = std::ranges::lower_bound(m_things, to, {}, &Thing::start) - m_things.begin();
        if (first >= last)
            return {};
        return all().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
    }

private:
    std::vector<Thing> m_things;
    std::vector<Instant> m_furthestEnds;  // of the things up to each
};

// Bars in lanes: no two of one lane overlap.
class TimelineBars
{
public:
    TimelineBars() = default;
    // By start, each goes into the first lane that is free.
    explicit TimelineBars(std::vector<TimelineBar> bars);

    std::span<const TimelineBar> all() const { return m_bars.all(); }
    std::span<const TimelineBar> around(Instant from, Instant to) const { return m_bars.around(from, to); }
    int lanes() const { return m_lanes; }

private:
    ByTime<TimelineBar> m_bars;
    int m_lanes = 0;
};

struct PlannedStep
{
    Instant start;
    int nodes = 0;

    bool operator==(const PlannedStep&) const = default;
};

// How many nodes are wanted when each floor is to be ready at its boundary: the most that min is in [t, t + lead].
std::vector<PlannedStep> plannedSteps(std::span<const Segment> segments, seconds lead);

// A node group, or one of its pools (role in a subgroup) below it.
struct TimelineRow
{
    NodeGroupName group;
    std::string subgroup;  // empty for the group itself
    std::string role;

    TimelineBars overlays;
    TimelineBars schedules;
    std::vector<Segment> segments;  // of the scene's stretch, without a hole; sources lead into the group's
    std::vector<PlannedStep> planned;
    int top = 1;  // of the scale

    bool isGroup() const { return subgroup.empty() && role.empty(); }
    // Of overlays or of schedules.
    const TimelineBars& bars(PlanItemKind kind) const { return kind == PlanItemKind::Overlay ? overlays : schedules; }
    PoolKey pool() const { return {group, subgroup, role}; }
    const Segment* segmentAt(Instant t) const;  // null outside of the stretch
};

// What the timeline shows of one stretch of time, worked out for painting. A value that does not change.
struct TimelineScene
{
    Instant from;
    Instant to;
    std::vector<TimelineItem> items;
    std::vector<TimelineRow> rows;  // each group before its pools
    std::map<NodeGroupName, std::vector<PlanSource>> sources;
    std::vector<std::pair<Instant, Instant>> liveWindows;  // somebody watches or is expected; by start, without overlap
    std::map<NodeGroupName, std::vector<PlanConflict>> conflicts;  // of each group, by start
    CompiledPlansPtr plans;                                        // what it was made from

    const TimelineItem& itemOf(const TimelineBar& bar) const { return items[static_cast<std::size_t>(bar.item)]; }
    // That the bar's item takes part in while the bar lasts.
    std::vector<PlanConflict> conflictsOf(const TimelineBar& bar, const NodeGroupName& group) const;
};
using TimelineScenePtr = std::shared_ptr<const TimelineScene>;

struct SceneQuestion
{
    StoredPlanPtr plan;
    std::shared_ptr<const Snapshot> snapshot;
    std::optional<PlanItem> draft;
    Instant from;
    Instant to;
    ZoneLoader zones;
    CompiledPlansPtr plans;  // of this plan, draft and these groups; null: not compiled yet
};

// Any thread. Some 200 ms for a year of 10,000 overlays.
TimelineScenePtr makeScene(const SceneQuestion& question);

}  // namespace headgate
