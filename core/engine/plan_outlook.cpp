#include "core/engine/plan_outlook.h"

#include "core/engine/plan_book.h"
#include "core/plan/capacity_plan.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace headgate {

namespace {

constexpr std::chrono::days horizon{400};

// Of all previews of one command: the engine does nothing else meanwhile.
constexpr std::int64_t mostEffort = CapacityPlan::usualEffort;

using Span = std::pair<Instant, Instant>;

// A preview of one long time is cheaper than many short ones.
constexpr std::size_t mostSpans = 4;

// Sorted, those that touch joined.
std::vector<Span> joined(std::vector<Span> spans)
{
    std::ranges::sort(spans);
    std::vector<Span> result;
    for (const Span& span : spans) {
        if (!result.empty() && span.first <= result.back().second)
            result.back().second = std::max(result.back().second, span.second);
        else
            result.push_back(span);
    }
    return result;
}

class OutlookWork
{
public:
    OutlookWork(const EngineModel& model, const PlanDraft& draft, TimePoint now)
        : m_model(model),
          m_draft(draft),
          m_changes(draft.changes()),
          m_groups(draft.concernedGroups()),
          m_time(now),
          m_now(std::chrono::floor<seconds>(now))
    {}

    Outlook run()
    {
        for (const NodeGroupName& group : m_groups)
            lookAt(group);
        addOwnWindows();
        PlanOutcome& outcome = m_result.outcome;
        const auto cut = [](auto& list, std::size_t most) {
            std::ranges::stable_sort(list, {}, [](const auto& each) { return each.start; });
            if (list.size() > most)
                list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
        };
        cut(outcome.windows, PlanOutcome::mostWindows);
        cut(outcome.changes, PlanOutcome::mostChanges);
        cut(outcome.findings, PlanOutcome::mostFindings);
        return std::move(m_result);
    }

private:
    void lookAt(const NodeGroupName& name)
    {
        PlanDocument document = m_draft.after(name);
        if (document.nodeGroups.empty())
            return;
        const NodeGroup group = document.nodeGroups.front();
        const PlanFacts facts = factsOf(group);
        const FollowedPlan after = plan_book::follow(m_model, std::move(document));
        m_result.orders.push_back(plan_book::orderOf(m_model, group, after, m_time));
        PlanDocument former = m_draft.before(name);
        const auto before = former.nodeGroups.empty() ? nullptr : plan_book::follow(m_model, std::move(former)).plan;
        const std::vector<Span> spans = spansOf(name);
        const std::int64_t effort =
            mostEffort / static_cast<std::int64_t>(2 * m_groups.size() * std::max<std::size_t>(spans.size(), 1));
        for (const auto& [from, to] : spans) {
            const Preview wanted = after.plan->preview(from, to, facts, effort);
            const Preview present =
                before ? before->preview(from, wanted.to, facts, effort) : Preview{from, wanted.to, {}, {}, {}, {}};
            addChanges(name, present, wanted);
            addFindings(present, wanted);
            if (present.to < to)
                m_result.until = std::min(m_result.until.value_or(present.to), present.to);
            addScheduleWindows(*after.plan, from, present.to);
        }
    }

    // A change of overlays alone makes a difference in their intervals only.
    std::vector<Span> spansOf(const NodeGroupName& group) const
    {
        std::vector<Span> spans;
        for (const auto& [key, change] : m_changes) {
            for (const PlanItem* item : {change.before, change.after}) {
                const auto* overlay = item ? std::get_if<Overlay>(item) : nullptr;
                if (!overlay && key.kind != PlanItemKind::Overlay)
                    return {{m_now, m_now + horizon}};
                if (!overlay || overlay->scope.nodeGroup != group)
                    continue;
                const Instant from = std::max(overlay->from, m_now);
                const Instant to = std::min<Instant>(overlay->to, from + horizon);
                if (from < to)
                    spans.emplace_back(from, to);
            }
        }
        if (m_draft.changesGroup(group))
            return {{m_now, m_now + horizon}};
        spans = joined(std::move(spans));
        if (spans.size() <= mostSpans)
            return spans;
        const Instant from = spans.front().first;
        return {{from, std::min<Instant>(spans.back().second, from + horizon)}};
    }

    PlanFacts factsOf(const NodeGroup& group) const
    {
        PlanFacts facts;
        facts.now = m_now;
        for (const Role& role : group.roles)
            facts.leadTime = std::max(facts.leadTime, plan_book::orderedAhead(m_model, group, role.name));
        facts.liveStreams = static_cast<int>(std::ranges::count_if(
            m_model.liveStreams, [&](const auto& entry) { return entry.first.nodeGroup == group.name; }));
        return facts;
    }

    void addChanges(const NodeGroupName& group, const Preview& present, const Preview& wanted)
    {
        for (const PlanDifference& each : difference(present, wanted))
            m_result.outcome.changes.push_back({{group, each.cell.subgroup, each.cell.role},
                                                each.start,
                                                each.end,
                                                each.before.isActive,
                                                each.after.isActive,
                                                each.before.min,
                                                each.before.max,
                                                each.after.min,
                                                each.after.max});
    }

    bool isWritten(const PlanSource& source) const
    {
        const auto kind = source.kind == SourceKind::Overlay    ? PlanItemKind::Overlay
                          : source.kind == SourceKind::Schedule ? PlanItemKind::Schedule
                          : source.kind == SourceKind::Limit    ? PlanItemKind::Limit
                                                                : PlanItemKind::Configuration;
        return m_changes.contains({kind, source.id});
    }

    // Those in which the written ones take part, and those that were not there. The same one in several pools is told
    // once.
    void addFindings(const Preview& present, const Preview& wanted)
    {
        const auto findingOf = [](const Conflict& conflict, const Preview& preview) {
            return PlanFinding{std::string(toWord(conflict.code)), conflict.start, conflict.end,
                               describe(conflict, preview)};
        };
        using Named = std::tuple<std::string, TimePoint, TimePoint, std::string>;
        const auto named = [](const PlanFinding& f) { return Named{f.code, f.start, f.end, f.sentence}; };
        std::set<Named> known, told;
        for (const Conflict& conflict : present.conflicts)
            known.insert(named(findingOf(conflict, present)));
        for (const Conflict& conflict : wanted.conflicts) {
            const PlanFinding finding = findingOf(conflict, wanted);
            const auto sourceOf = [&](int index) -> const PlanSource& {
                return wanted.sources[static_cast<std::size_t>(index)];
            };
            const bool isOurs =
                std::ranges::any_of(conflict.sources, [&](int index) { return isWritten(sourceOf(index)); });
            if (isOurs && conflict.code == ConflictCode::ContradictoryReplace &&
                sourceOf(conflict.sources.front()).kind == SourceKind::Overlay)
                m_result.contradiction = finding;
            if ((isOurs || !known.contains(named(finding))) && told.insert(named(finding)).second)
                m_result.outcome.findings.push_back(finding);
        }
    }

    void addScheduleWindows(const CapacityPlan& plan, Instant from, Instant to)
    {
        const bool isScheduled = std::ranges::any_of(
            m_changes, [](const auto& change) { return change.first.kind == PlanItemKind::Schedule; });
        if (!isScheduled)
            return;
        std::map<std::string, std::size_t> taken;
        for (const ScheduleWindow& each : plan.windows(from, to)) {
            const PlanSource& source = plan.sources()[static_cast<std::size_t>(each.source)];
            if (isWritten(source) && each.window.fate != DstFate::Dropped &&
                ++taken[source.id] <= PlanOutcome::mostWindows)
                m_result.outcome.windows.push_back({source.id, each.window.start, each.window.end});
        }
    }

    // Those of overlays and configurations.
    void addOwnWindows()
    {
        auto& windows = m_result.outcome.windows;
        for (const auto& [key, change] : m_changes) {
            const auto* overlay = change.after ? std::get_if<Overlay>(change.after) : nullptr;
            const auto* configuration = change.after ? std::get_if<ConfigurationOverlay>(change.after) : nullptr;
            if (overlay && overlay->to > m_now)
                windows.push_back({overlay->id, overlay->from, overlay->to});
            for (std::size_t i = 0; configuration && i < configuration->openings.size(); ++i)
                addOpeningWindows(key.id, configuration->openings[i].timing);
        }
    }

    void addOpeningWindows(const std::string& id, const CronTiming& timing)
    {
        const auto zone = zonesOf(m_model)(timing.zone);
        if (!zone)
            return;
        const Timetable table(timing, *zone);
        auto due = table.lastDue(m_now);
        if (!due || *due + timing.duration <= m_now)
            due = table.nextDue(m_now);
        for (std::size_t i = 0; due && i < PlanOutcome::mostWindows; ++i) {
            m_result.outcome.windows.push_back({id, *due, *due + timing.duration});
            due = table.nextDue(*due);
        }
    }

    const EngineModel& m_model;
    const PlanDraft& m_draft;
    const std::map<PlanItemKey, PlanDraft::Change> m_changes;
    const std::set<NodeGroupName> m_groups;
    const TimePoint m_time;
    const Instant m_now;
    Outlook m_result;
};

}  // namespace

Outlook outlook(const EngineModel& model, const PlanDraft& draft, TimePoint now)
{
    return OutlookWork(model, draft, now).run();
}

}  // namespace headgate
