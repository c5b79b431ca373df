#include "core/plan/capacity_plan.h"

#include <algorithm>

namespace headgate {
namespace {

constexpr std::size_t mostReasons = 64;

ConflictCode codeOf(ClashKind kind)
{
    switch (kind) {
    case ClashKind::Replace:
        return ConflictCode::ContradictoryReplace;
    case ClashKind::FloorAboveCeiling:
        return ConflictCode::FloorAboveCeiling;
    case ClashKind::OnInactive:
        return ConflictCode::OnInactive;
    case ClashKind::AboveLimit:
        break;
    }
    return ConflictCode::AboveLimit;
}

bool raises(const OverlayOperator& op)
{
    const auto* shift = std::get_if<ShiftBounds>(&op);
    return !std::holds_alternative<CeilBounds>(op) && !std::holds_alternative<Deactivate>(op) &&
           (!shift || shift->nodes > 0 || shift->percent > 0);
}

}  // namespace

// Goes through the instants at which a layer begins or ends, and folds only the cells that it concerns.
class Sweep
{
public:
    Sweep(const CapacityPlan& plan, Instant from, Instant to, std::int64_t effort)
        : m_plan(plan), m_effort(effort), m_isProven(plan.m_sources.size(), false), m_tracks(plan.m_cells.size())
    {
        m_preview.from = from;
        m_preview.to = reach(from, to);
        m_layers = plan.layersBetween(from, m_preview.to);
        m_spans = plan.configurationsBetween(from, m_preview.to);
        m_preview.cells = plan.m_cells;
        m_preview.sources = plan.m_sources;
    }

    Preview run(const PlanFacts& facts)
    {
        sortEvents();
        std::size_t next = 0;
        for (Instant at = m_preview.from; at < m_preview.to;) {
            const bool isNewGround = takeConfiguration(at);
            const bool isAll = isNewGround || at == m_preview.from;
            std::vector<bool> isConcerned(m_tracks.size(), isAll);
            for (; next < m_events.size() && m_events[next].at <= at; ++next)
                take(m_events[next], isConcerned);
            for (std::size_t cell = 0; cell < m_tracks.size(); ++cell) {
                if (isConcerned[cell])
                    refold(cell, at);
            }
            at = nextInstant(next);
            if (m_folded > m_effort)
                endAt(at);
        }
        for (std::size_t cell = 0; cell < m_tracks.size(); ++cell)
            finish(cell);
        addConfigurationConflicts();
        addOverlayConflicts(facts);
        addWindowConflicts();
        sortConflicts();
        return std::move(m_preview);
    }

private:
    struct Event
    {
        Instant at;
        int layer;
        bool isStart;
    };

    // What has become of one cell so far.
    struct Track
    {
        std::vector<Segment> segments;
        std::vector<std::pair<Clash, int>> open;  // clashes of the last segment and their conflicts
    };

    // To where the windows may be worked out.
    Instant reach(Instant from, Instant to) const
    {
        constexpr std::int64_t ofAWindow = 1000;
        const std::int64_t windows = m_plan.windowsAbout(from, to),
                           most = std::max<std::int64_t>(m_effort / ofAWindow, 1);
        return windows <= most ? to : std::min(to, from + std::max(seconds(3600), (to - from) / (windows / most + 1)));
    }

    void endAt(Instant end)
    {
        m_preview.to = end;
        for (Track& track : m_tracks)
            track.segments.back().end = end;
        for (Conflict& conflict : m_preview.conflicts)
            conflict.end = std::min(conflict.end, end);
    }

    void sortEvents()
    {
        std::ranges::stable_sort(m_layers, [](const Layer& a, const Layer& b) { return a.comesBefore(b); });
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            const int layer = static_cast<int>(i);
            m_events.push_back({std::max(m_layers[i].start, m_preview.from), layer, true});
            if (m_layers[i].end < m_preview.to)
                m_events.push_back({m_layers[i].end, layer, false});
        }
        std::ranges::stable_sort(m_events, {}, &Event::at);
    }

    bool takeConfiguration(Instant at)
    {
        const std::size_t before = m_span;
        while (m_span + 1 < m_spans.size() && m_spans[m_span + 1].start <= at)
            ++m_span;
        return m_span != before;
    }

    Instant nextInstant(std::size_t next) const
    {
        Instant at = next < m_events.size() ? m_events[next].at : m_preview.to;
        if (m_span + 1 < m_spans.size())
            at = std::min(at, m_spans[m_span + 1].start);
        return at;
    }

    const CellGround& ground(std::size_t cell) const
    {
        return m_plan.m_grounds[static_cast<std::size_t>(m_spans[m_span].configuration)][cell];
    }

    void take(const Event& event, std::vector<bool>& isConcerned)
    {
        const Layer* layer = &m_layers[static_cast<std::size_t>(event.layer)];
        // Pointers into the sorted layers are in the order of the fold.
        const auto place = std::ranges::lower_bound(m_active, layer);
        if (event.isStart)
            m_active.insert(place, layer);
        else
            m_active.erase(place);
        for (std::size_t cell = 0; cell < isConcerned.size(); ++cell)
            isConcerned[cell] = isConcerned[cell] || ground(cell).rank[static_cast<std::size_t>(layer->scope)] >= 0;
    }

    void refold(std::size_t cell, Instant at)
    {
        m_folded += std::ssize(m_active) + 1;
        const NodeBounds bounds = fold(ground(cell), m_active, m_notes);
        prove(cell, bounds);
        std::vector<std::pair<Clash, int>> open;
        std::vector<int> conflicts;
        Track& track = m_tracks[cell];
        for (const Clash& clash : m_notes.clashes) {
            const auto same = std::ranges::find(track.open, clash, &std::pair<Clash, int>::first);
            const int conflict = same == track.open.end() ? openConflict(clash, cell, at) : same->second;
            open.emplace_back(clash, conflict);
            conflicts.push_back(conflict);
        }
        for (const auto& [clash, conflict] : track.open) {
            if (std::ranges::count(conflicts, conflict) == 0)
                m_preview.conflicts[static_cast<std::size_t>(conflict)].end = at;
        }
        track.open = std::move(open);
        extend(track, cell, at, bounds, std::move(conflicts));
    }

    void extend(Track& track, std::size_t cell, Instant at, const NodeBounds& bounds, std::vector<int> conflicts)
    {
        if (!track.segments.empty()) {
            Segment& last = track.segments.back();
            if (last.bounds == bounds && last.conflicts == conflicts) {
                for (int reason : m_notes.reasons) {
                    if (last.provenance.size() < mostReasons && std::ranges::count(last.provenance, reason) == 0)
                        last.provenance.push_back(reason);
                }
                return;
            }
            last.end = at;
        }
        // The last ones weigh most.
        const auto& reasons = m_notes.reasons;
        const auto kept = std::min(reasons.size(), mostReasons);
        track.segments.push_back({static_cast<int>(cell), at, m_preview.to, bounds,
                                  std::vector<int>(reasons.end() - static_cast<std::ptrdiff_t>(kept), reasons.end()),
                                  std::move(conflicts)});
    }

    int openConflict(const Clash& clash, std::size_t cell, Instant at)
    {
        std::vector<int> sources{clash.source};
        if (clash.other != clash.source)
            sources.push_back(clash.other);
        m_preview.conflicts.push_back(
            {codeOf(clash.kind), at, m_preview.to, static_cast<int>(cell), std::move(sources)});
        return static_cast<int>(m_preview.conflicts.size()) - 1;
    }

    // An overlay has an effect if somewhere the bounds are others without it.
    void prove(std::size_t cell, const NodeBounds& bounds)
    {
        for (const Layer* layer : m_active) {
            if (m_proved > m_effort)
                return;
            const auto source = static_cast<std::size_t>(layer->source);
            const bool isOverlay = layer->priority != schedulePriority && layer->priority != limitPriority;
            if (!isOverlay || m_isProven[source] || ground(cell).rank[static_cast<std::size_t>(layer->scope)] < 0)
                continue;
            m_proved += 2 * std::ssize(m_active);
            m_without.clear();
            std::ranges::copy_if(m_active, std::back_inserter(m_without),
                                 [&](const Layer* each) { return each->source != layer->source; });
            if (fold(ground(cell), m_without, m_notesWithout) != bounds)
                m_isProven[source] = true;
        }
    }

    void finish(std::size_t cell)
    {
        auto& segments = m_tracks[cell].segments;
        m_preview.segments.insert(m_preview.segments.end(), std::make_move_iterator(segments.begin()),
                                  std::make_move_iterator(segments.end()));
    }

    // Sources of configurations come right after the one that stands for no schedule.
    void addConfigurationConflicts()
    {
        for (std::size_t i = 0; i < m_spans.size(); ++i) {
            if (m_spans[i].overruled < 0 || m_spans[i].start >= m_preview.to)
                continue;
            const Instant end = i + 1 < m_spans.size() ? std::min(m_spans[i + 1].start, m_preview.to) : m_preview.to;
            m_preview.conflicts.push_back({ConflictCode::ContradictoryReplace,
                                           m_spans[i].start,
                                           end,
                                           -1,
                                           {m_spans[i].configuration + 1, m_spans[i].overruled + 1}});
        }
    }

    void addOverlayConflicts(const PlanFacts& facts)
    {
        for (std::size_t i = 0; i < m_plan.m_overlays.size(); ++i) {
            const Overlay& overlay = m_plan.m_overlays[i];
            if (overlay.to <= m_preview.from || overlay.from >= m_preview.to)
                continue;
            const int source = m_plan.m_firstOverlaySource + static_cast<int>(i);
            const auto add = [&](ConflictCode code) {
                m_preview.conflicts.push_back({code, overlay.from, overlay.to, -1, {source}});
            };
            const auto* expected = std::get_if<ExpectedEffect>(&overlay.op);
            if (expected && m_plan.isCut(*expected))
                add(ConflictCode::AboveLimit);
            const bool isWhole = overlay.from >= m_preview.from && overlay.to <= m_preview.to;
            if (isWhole && m_proved <= m_effort && !m_isProven[static_cast<std::size_t>(source)])
                add(ConflictCode::NoEffect);
            const bool isAhead = overlay.from >= facts.now && overlay.to > facts.now;
            const bool isShort = overlay.to - overlay.from < facts.leadTime;
            if (raises(overlay.op) && isAhead && (isShort || overlay.from - facts.now < facts.leadTime))
                add(ConflictCode::ShorterThanLead);
            const bool isNow = overlay.from <= facts.now && facts.now < overlay.to;
            if (facts.liveStreams > 0 && isNow && std::holds_alternative<Deactivate>(overlay.op))
                add(ConflictCode::EndsLiveStreams);
        }
    }

    void addWindowConflicts()
    {
        for (const CapacityPlan::CompiledSchedule& schedule : m_plan.m_schedules) {
            std::optional<Conflict> cut;
            for (const Window& window : schedule.table.windows(m_preview.from, m_preview.to)) {
                if (window.fate != DstFate::None)
                    m_preview.conflicts.push_back(
                        {ConflictCode::MovedByClocks, window.start, window.end, -1, {schedule.layer.source}});
                const auto* expected = std::get_if<ExpectedEffect>(&CapacityPlan::effectOf(schedule, window));
                if (!expected || window.fate == DstFate::Dropped || !m_plan.isCut(*expected))
                    continue;
                // One for all of them.
                if (!cut)
                    cut = {ConflictCode::AboveLimit, window.start, window.end, -1, {schedule.layer.source}};
                cut->end = std::max(cut->end, window.end);
            }
            if (cut)
                m_preview.conflicts.push_back(std::move(*cut));
        }
    }

    // By start; the segments' indices follow.
    void sortConflicts()
    {
        std::vector<std::size_t> order(m_preview.conflicts.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i;
        std::ranges::stable_sort(order, {}, [&](std::size_t i) { return m_preview.conflicts[i].start; });
        std::vector<Conflict> sorted;
        std::vector<int> placeOf(order.size());
        for (std::size_t i : order) {
            placeOf[i] = static_cast<int>(sorted.size());
            sorted.push_back(std::move(m_preview.conflicts[i]));
        }
        m_preview.conflicts = std::move(sorted);
        for (Segment& segment : m_preview.segments) {
            for (int& conflict : segment.conflicts)
                conflict = placeOf[static_cast<std::size_t>(conflict)];
        }
    }

    const CapacityPlan& m_plan;
    const std::int64_t m_effort;
    std::int64_t m_folded = 0;  // layers
    std::int64_t m_proved = 0;  // layers, for what has no effect
    std::vector<Layer> m_layers;
    std::vector<CapacityPlan::ConfigurationSpan> m_spans;
    std::size_t m_span = 0;
    std::vector<Event> m_events;
    std::vector<const Layer*> m_active;
    std::vector<const Layer*> m_without;
    FoldNotes m_notes, m_notesWithout;
    std::vector<bool> m_isProven;  // by source
    std::vector<Track> m_tracks;
    Preview m_preview;
};

Preview CapacityPlan::preview(Instant from, Instant to, const PlanFacts& facts, std::int64_t effort) const
{
    return Sweep(*this, from, to, effort).run(facts);
}

}  // namespace headgate
