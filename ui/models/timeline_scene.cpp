#include "ui/models/timeline_scene.h"

#include "core/plan/plan_merge.h"
#include "ui/models/plan_words.h"

#include <algorithm>
#include <deque>
#include <set>

namespace headgate {

namespace {

bool isBelow(const std::vector<Subgroup>& subgroups, const std::string& name, const std::string& leaf, bool isInside)
{
    return std::ranges::any_of(subgroups, [&](const Subgroup& each) {
        const bool isIn = isInside || each.name == name;
        return each.isLeaf() ? isIn && each.name == leaf : isBelow(each.children, name, leaf, isIn);
    });
}

bool covers(const PlanScope& scope, const NodeGroup& group, const PlanCell& cell)
{
    return scope.nodeGroup == group.name && (scope.role.empty() || scope.role == cell.role) &&
           (scope.subgroup.empty() || isBelow(group.subgroups, scope.subgroup, cell.subgroup, false));
}

class SceneMaker
{
public:
    explicit SceneMaker(const SceneQuestion& question)
        : m_question(question), m_scene(std::make_shared<TimelineScene>())
    {
        m_scene->from = question.from;
        m_scene->to = question.to;
        m_scene->plans = question.plans;
        if (!m_scene->plans)
            m_scene->plans = compilePlans(
                toDocument(*question.plan, *question.snapshot, question.draft ? &*question.draft : nullptr),
                *question.snapshot, question.zones);
    }

    TimelineScenePtr make()
    {
        addItems();
        for (const NodeGroup& group : m_scene->plans->document.nodeGroups) {
            m_scene->rows.push_back({});
            m_scene->rows.back().group = group.name;
            const auto plan = m_scene->plans->groups.find(group.name);
            if (plan != m_scene->plans->groups.end())
                addPools(group, plan->second);
        }
        joinLiveWindows();
        return m_scene;
    }

private:
    void addItems()
    {
        const PlanDocument& document = m_scene->plans->document;
        const auto draft = m_question.draft ? std::optional(keyOf(*m_question.draft)) : std::nullopt;
        const auto put = [&](PlanItemKey key, QString title, bool isOff, bool expects) {
            m_itemOf[key.id] = static_cast<int>(m_scene->items.size());
            m_expects.push_back(expects);
            const bool isDraft = draft == key;
            m_scene->items.push_back({std::move(key), std::move(title), isOff, isDraft});
        };
        for (const Schedule& schedule : document.schedules)
            put({PlanItemKind::Schedule, schedule.id}, words::title(schedule),
                std::holds_alternative<InactiveEffect>(schedule.effect),
                std::holds_alternative<ExpectedEffect>(schedule.effect));
        for (const Overlay& overlay : document.overlays)
            put({PlanItemKind::Overlay, overlay.id}, words::title(overlay),
                std::holds_alternative<Deactivate>(overlay.op), std::holds_alternative<ExpectedEffect>(overlay.op));
    }

    void addPools(const NodeGroup& group, const CapacityPlan& plan)
    {
        const PlanFacts facts = factsAbout(group.name, *m_question.snapshot);
        const Preview preview = plan.preview(m_question.from, m_question.to, facts);
        const std::vector<ScheduleWindow> windows = plan.windows(m_question.from, m_question.to);
        const auto placed = conflictsOf(preview);
        std::size_t next = 0;
        for (std::size_t i = 0; i < preview.cells.size(); ++i) {
            TimelineRow row;
            row.group = group.name;
            row.subgroup = preview.cells[i].subgroup;
            row.role = preview.cells[i].role;
            row.overlays = TimelineBars(overlayBars(group, preview.cells[i], placed));
            row.schedules = TimelineBars(scheduleBars(group, preview, preview.cells[i], windows, placed));
            for (; next < preview.segments.size() && preview.segments[next].cell == static_cast<int>(i); ++next) {
                row.top = std::max(row.top, preview.segments[next].bounds.max);
                row.segments.push_back(preview.segments[next]);
            }
            row.planned = plannedSteps(row.segments, orderedAhead(row.pool(), *m_question.snapshot));
            if (facts.liveStreams > 0)
                addLiveNow(row, facts.now);
            m_scene->rows.push_back(std::move(row));
        }
        m_scene->sources[group.name] = preview.sources;
        for (const Conflict& conflict : preview.conflicts)
            m_scene->conflicts[group.name].push_back({conflict, describe(conflict, preview)});
    }

    // When the sources of a group are in conflict, by their ids.
    using Conflicts = std::map<std::string, std::vector<std::pair<Instant, Instant>>>;
    static Conflicts conflictsOf(const Preview& preview)
    {
        Conflicts placed;
        for (const Conflict& conflict : preview.conflicts) {
            for (const int source : conflict.sources)
                placed[preview.sources[static_cast<std::size_t>(source)].id].emplace_back(conflict.start, conflict.end);
        }
        return placed;
    }

    TimelineBar bar(const std::string& id, Instant start, Instant end, const Conflicts& placed) const
    {
        const auto found = placed.find(id);
        const bool hasConflict = found != placed.end() && std::ranges::any_of(found->second, [&](const auto& each) {
                                     return each.first < end && each.second > start;
                                 });
        return {m_itemOf.at(id), start, end, 0, hasConflict};
    }

    std::vector<TimelineBar> overlayBars(const NodeGroup& group, const PlanCell& cell, const Conflicts& placed)
    {
        std::vector<TimelineBar> bars;
        for (const Overlay& overlay : m_scene->plans->document.overlays) {
            if (overlay.to > m_question.from && overlay.from < m_question.to && covers(overlay.scope, group, cell))
                bars.push_back(bar(overlay.id, overlay.from, overlay.to, placed));
        }
        return bars;
    }

    std::vector<TimelineBar> scheduleBars(const NodeGroup& group, const Preview& preview, const PlanCell& cell,
                                          const std::vector<ScheduleWindow>& windows, const Conflicts& placed)
    {
        std::vector<TimelineBar> bars;
        for (const ScheduleWindow& each : windows) {
            const std::string& id = preview.sources[static_cast<std::size_t>(each.source)].id;
            const Schedule* schedule = findSchedule(m_scene->plans->document, id);
            if (schedule && each.window.start < each.window.end && covers(schedule->scope, group, cell))
                bars.push_back(bar(id, each.window.start, each.window.end, placed));
        }
        return bars;
    }

    // What is over the schedules while somebody watches.
    void addLiveNow(const TimelineRow& row, Instant now)
    {
        for (const TimelineBar& each : row.overlays.around(now, now + seconds(1))) {
            if (each.start <= now && now < each.end && !m_scene->itemOf(each).isOff)
                m_scene->liveWindows.emplace_back(each.start, each.end);
        }
    }

    void joinLiveWindows()
    {
        for (const TimelineRow& row : m_scene->rows) {
            for (const TimelineBars* bars : {&row.overlays, &row.schedules}) {
                for (const TimelineBar& each : bars->all()) {
                    if (m_expects[static_cast<std::size_t>(each.item)])
                        m_scene->liveWindows.emplace_back(each.start, each.end);
                }
            }
        }
        std::ranges::sort(m_scene->liveWindows);
        std::vector<std::pair<Instant, Instant>> joined;
        for (const auto& each : m_scene->liveWindows) {
            if (!joined.empty() && each.first <= joined.back().second)
                joined.back().second = std::max(joined.back().second, each.second);
            else
                joined.push_back(each);
        }
        m_scene->liveWindows = std::move(joined);
    }

    const SceneQuestion& m_question;
    std::shared_ptr<TimelineScene> m_scene;
    std::map<std::string, int> m_itemOf;
    std::vector<bool> m_expects;  // viewers, by item
};

}  // namespace

TimelineBars::TimelineBars(std::vector<TimelineBar> bars)
{
    std::ranges::stable_sort(bars, {}, &TimelineBar::start);
    std::vector<Instant> free;  // by lane: from when on
    for (TimelineBar& bar : bars) {
        const auto lane = std::ranges::find_if(free, [&](Instant since) { return since <= bar.start; });
        bar.lane = static_cast<int>(lane - free.begin());
        if (lane == free.end())
            free.push_back(bar.end);
        else
            *lane = bar.end;
    }
    m_lanes = static_cast<int>(free.size());
    m_bars = ByTime(std::move(bars));
}

// A rise counts from `lead` before it on, so that the most of a moving interval is asked for.
std::vector<PlannedStep> plannedSteps(std::span<const Segment> segments, seconds lead)
{
    if (segments.empty())
        return {};
    std::set<Instant> changes = {segments.front().start};
    for (const Segment& segment : segments)
        changes.insert({std::max(segment.start - lead, segments.front().start), segment.start});
    std::vector<PlannedStep> steps;
    std::deque<std::size_t> highest;  // segments that meet [t, t + lead], min falling
    std::size_t next = 0;
    for (const Instant t : changes) {
        for (; next < segments.size() && segments[next].start <= t + lead; ++next) {
            while (!highest.empty() && segments[highest.back()].bounds.min <= segments[next].bounds.min)
                highest.pop_back();
            highest.push_back(next);
        }
        while (segments[highest.front()].end <= t)
            highest.pop_front();
        const int nodes = segments[highest.front()].bounds.min;
        if (steps.empty() || steps.back().nodes != nodes)
            steps.push_back({t, nodes});
    }
    return steps;
}

const Segment* TimelineRow::segmentAt(Instant t) const
{
    const auto after = std::ranges::upper_bound(segments, t, {}, &Segment::start);
    if (after == segments.begin() || std::prev(after)->end <= t)
        return nullptr;
    return &*std::prev(after);
}

std::vector<PlanConflict> TimelineScene::conflictsOf(const TimelineBar& bar, const NodeGroupName& group) const
{
    std::vector<PlanConflict> found;
    const auto known = conflicts.find(group);
    if (known == conflicts.end())
        return found;
    const std::vector<PlanSource>& ofGroup = sources.at(group);
    std::ranges::copy_if(known->second, std::back_inserter(found), [&](const PlanConflict& each) {
        const bool takesPart = std::ranges::any_of(each.conflict.sources, [&](int source) {
            return ofGroup[static_cast<std::size_t>(source)].id == itemOf(bar).key.id;
        });
        return takesPart && each.conflict.start < bar.end && each.conflict.end > bar.start;
    });
    return found;
}

TimelineScenePtr makeScene(const SceneQuestion& question)
{
    return SceneMaker(question).make();
}

}  // namespace headgate
