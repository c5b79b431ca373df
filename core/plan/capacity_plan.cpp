#include "core/plan/capacity_plan.h"

#include <algorithm>
#include <set>

namespace headgate {
namespace {

std::vector<const Layer*> sortedPointers(const std::vector<Layer>& layers)
{
    std::vector<const Layer*> pointers;
    for (const Layer& layer : layers)
        pointers.push_back(&layer);
    std::ranges::stable_sort(pointers, [](const Layer* a, const Layer* b) { return a->comesBefore(*b); });
    return pointers;
}

// So often that to look further takes too long.
template <typename Openings>
bool comeDueOften(const Openings& openings, Instant from, Instant to)
{
    constexpr int often = 500;
    return std::ranges::any_of(openings, [&](const auto& opening) {
        auto due = opening.table.nextDue(from);
        for (int i = 0; i < often && due; ++i)
            due = opening.table.nextDue(*due);
        return due && *due < to;
    });
}

// At most so many for the rise of an audience, and for its fall.
constexpr int mostSteps = 100;

int levelsOf(const ExpectedEffect& expected, const PlanOptions& options)
{
    return std::min((expected.viewers - 1) / options.viewersPerNode + 1, PlanOptions::mostNodes);
}

}  // namespace

int CapacityPlan::stepsOf(const ExpectedEffect& expected) const
{
    return 2 * std::min(levelsOf(expected, m_options), mostSteps);
}

bool CapacityPlan::isCut(const ExpectedEffect& expected) const
{
    return (expected.viewers - 1) / m_options.viewersPerNode >= PlanOptions::mostNodes;
}

// Level k is needed while more than k - 1 nodes' worth of viewers are there. Many levels come some at a time, with the
// first of them, and go so, with the last.
void CapacityPlan::addLayers(std::vector<Layer>& layers, Layer layer, const ExpectedEffect& expected) const
{
    const int levels = levelsOf(expected, m_options);
    const int stride = (levels - 1) / mostSteps + 1;
    std::vector<Instant> rises, falls;
    std::set<Instant> changes;
    for (std::int64_t k = 0; k < levels; k += stride) {
        const std::int64_t viewers = k * m_options.viewersPerNode;
        rises.push_back(layer.start + seconds(expected.ramp.count() * viewers / expected.viewers));
        falls.push_back(layer.end - seconds(expected.tail.count() * viewers / expected.viewers));
        changes.insert({rises.back(), falls.back()});
    }
    changes.insert(layer.end);
    for (auto at = changes.begin(); *at < layer.end; ++at) {
        if (*at < layer.start)
            continue;
        const auto risen = std::ranges::upper_bound(rises, *at) - rises.begin();
        const auto stillThere = std::ranges::lower_bound(falls, *at, std::greater<>()) - falls.begin();
        Layer step = layer;
        step.start = *at;
        step.end = *std::next(at);
        step.low = std::min(static_cast<int>(std::min<std::ptrdiff_t>(risen, stillThere)) * stride, levels);
        layers.push_back(step);
    }
}

const ScheduleEffect& CapacityPlan::effectOf(const CompiledSchedule& schedule, const Window& window)
{
    const auto* change = window.change < 0 ? nullptr : &schedule.changes[static_cast<std::size_t>(window.change)];
    return change && change->effect ? *change->effect : schedule.effect;
}

void CapacityPlan::addScheduleLayers(std::vector<Layer>& layers, const CompiledSchedule& schedule, Instant from,
                                     Instant to) const
{
    for (const Window& window : schedule.table.windows(from, to)) {
        if (window.fate == DstFate::Dropped)
            continue;
        const ScheduleEffect& effect = effectOf(schedule, window);
        Layer layer = schedule.layer;
        layer.start = window.start;
        layer.end = window.end;
        if (const auto* expected = std::get_if<ExpectedEffect>(&effect)) {
            layer.high = -1;
            addLayers(layers, layer, *expected);
            continue;
        }
        if (const auto* active = std::get_if<ActiveEffect>(&effect)) {
            layer.low = active->min.value_or(-1);
            layer.high = active->max.value_or(-1);
        } else {
            layer.step = LayerStep::ScheduleInactive;
        }
        layers.push_back(layer);
    }
}

std::vector<Layer> CapacityPlan::layersBetween(Instant from, Instant to) const
{
    std::vector<Layer> layers;
    for (const CompiledSchedule& schedule : m_schedules)
        addScheduleLayers(layers, schedule, from, to);
    const auto after = std::ranges::lower_bound(m_overlayLayers, to, {}, &Layer::start);
    for (auto i = static_cast<std::size_t>(after - m_overlayLayers.begin()); i > 0 && m_furthestEnds[i - 1] > from;
         --i) {
        if (m_overlayLayers[i - 1].end > from)
            layers.push_back(m_overlayLayers[i - 1]);
    }
    layers.insert(layers.end(), m_limits.begin(), m_limits.end());
    // Steps of expected viewers outside of the interval
    std::erase_if(layers, [&](const Layer& layer) { return layer.end <= from || layer.start >= to; });
    return layers;
}

// `last` are the last dues of m_openings.
CapacityPlan::ConfigurationSpan CapacityPlan::configurationSpan(Instant t,
                                                                const std::vector<std::optional<Due>>& last) const
{
    // When the last open window of each configuration began.
    std::vector<std::optional<Instant>> since(m_grounds.size());
    for (std::size_t i = 0; i < m_openings.size(); ++i) {
        auto& latest = since[static_cast<std::size_t>(m_openings[i].configuration)];
        if (last[i] && last[i]->until > t)
            latest = std::max(latest, std::optional(last[i]->at));
    }
    ConfigurationSpan span{t, 0, -1};
    for (std::size_t i = 1; i < since.size(); ++i) {
        if (!since[i])
            continue;
        const auto held = static_cast<std::size_t>(span.configuration);
        const bool isAhead = held == 0 || since[i] > since[held] ||
                             (since[i] == since[held] && m_configurationNames[i] < m_configurationNames[held]);
        if (held != 0)
            span.overruled = isAhead ? span.configuration : static_cast<int>(i);
        if (isAhead)
            span.configuration = static_cast<int>(i);
    }
    return span;
}

int CapacityPlan::configurationAt(Instant t) const
{
    std::vector<std::optional<Due>> last;
    for (const Opening& opening : m_openings) {
        const auto due = opening.table.lastDue(t);
        last.push_back(due ? std::optional(Due{*due, *due + opening.duration, last.size()}) : std::nullopt);
    }
    return configurationSpan(t, last).configuration;
}

// Of one configuration alone it does not matter how often it comes due while it holds.
bool CapacityPlan::isOneConfiguration() const
{
    return std::ranges::all_of(
        m_openings, [&](const Opening& each) { return each.configuration == m_openings.front().configuration; });
}

std::vector<CapacityPlan::Due> CapacityPlan::duesBetween(Instant from, Instant to) const
{
    std::vector<Due> dues;
    for (std::size_t i = 0; i < m_openings.size(); ++i) {
        const Opening& opening = m_openings[i];
        if (isOneConfiguration()) {
            for (const Window& window : opening.table.windows(from, to))
                dues.push_back({window.start, window.end, i});
            continue;
        }
        auto due = opening.table.lastDue(from);
        for (due = due ? due : opening.table.nextDue(from); due && *due < to; due = opening.table.nextDue(*due))
            dues.push_back({*due, *due + opening.duration, i});
    }
    std::ranges::sort(dues, {}, &Due::at);
    return dues;
}

std::vector<CapacityPlan::ConfigurationSpan> CapacityPlan::configurationsBetween(Instant from, Instant to) const
{
    const std::vector<Due> dues = duesBetween(from, to);
    std::vector<Instant> changes{from};
    for (const Due& due : dues)
        changes.insert(changes.end(), {due.at, due.until});
    std::ranges::sort(changes);
    changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
    std::vector<std::optional<Due>> last(m_openings.size());
    std::vector<ConfigurationSpan> spans;
    auto next = dues.begin();
    for (const Instant at : changes) {
        for (; next != dues.end() && next->at <= at; ++next)
            last[next->opening] = *next;
        if (at < from || at >= to)
            continue;
        const ConfigurationSpan span = configurationSpan(at, last);
        if (spans.empty() || spans.back().configuration != span.configuration ||
            spans.back().overruled != span.overruled)
            spans.push_back(span);
    }
    return spans;
}

// A cron expression is walked through by its duration, however few windows that are joined come of it.
std::int64_t CapacityPlan::windowsAbout(Instant from, Instant to) const
{
    constexpr std::chrono::days sample{4};
    constexpr std::int64_t mostDues = 2000;
    const Instant end = std::min<Instant>(to, from + sample);
    std::int64_t windows = 0;
    for (const CompiledSchedule& schedule : m_schedules) {
        for (const Window& window : schedule.table.windows(from, end)) {
            const auto* expected = std::get_if<ExpectedEffect>(&effectOf(schedule, window));
            windows += expected ? stepsOf(*expected) : 1;
            windows += (std::min(window.end, end) - window.start) / schedule.table.stride();
        }
    }
    for (const Opening& opening : m_openings) {
        if (isOneConfiguration()) {
            windows += (end - from) / opening.duration + 1;
            continue;
        }
        std::int64_t dues = 0;
        Instant seen = from;
        for (auto due = opening.table.nextDue(from); due && *due < end && dues < mostDues; ++dues) {
            seen = *due;
            due = opening.table.nextDue(seen);
        }
        windows += dues < mostDues ? dues : dues * ((end - from) / std::max(seen - from, seconds(1)));
    }
    return windows * ((to - from) / (end - from));
}

std::vector<CellPlan> CapacityPlan::at(Instant t) const
{
    const auto layers = layersBetween(t, t + seconds(1));
    const auto sorted = sortedPointers(layers);
    std::vector<CellPlan> plans;
    for (const CellGround& ground : m_grounds[static_cast<std::size_t>(configurationAt(t))]) {
        CellPlan plan;
        plan.bounds = fold(ground, sorted, plan.notes);
        plans.push_back(std::move(plan));
    }
    return plans;
}

std::set<Instant> CapacityPlan::changesBetween(Instant from, Instant to) const
{
    std::set<Instant> changes;
    for (const Layer& layer : layersBetween(from, to))
        changes.insert({layer.start, layer.end});
    for (const ConfigurationSpan& span : configurationsBetween(from, to))
        changes.insert(span.start);
    changes.erase(changes.begin(), changes.upper_bound(from));
    changes.erase(changes.lower_bound(to), changes.end());
    return changes;
}

std::optional<Instant> CapacityPlan::nextChangeAfter(Instant t) const
{
    const auto now = at(t);
    for (const std::chrono::days look : looks) {
        for (Instant change : changesBetween(t, t + look)) {
            if (at(change) != now)
                return change;
        }
        if (comeDueOften(m_openings, t, t + look))
            return t + look;
    }
    return changesLater(t) ? std::optional(t + looks.back()) : std::nullopt;
}

std::optional<Instant> CapacityPlan::nextEdgeAfter(Instant t) const
{
    for (const std::chrono::days look : looks) {
        std::optional<Instant> next;
        for (const PlanSpan& span : spansAround(t, t + look)) {
            for (const Instant edge : {span.start, span.end}) {
                if (edge > t && (!next || edge < *next))
                    next = edge;
            }
        }
        if (next)
            return next;
        if (comeDueOften(m_openings, t, t + look))
            return t + look;
    }
    return changesLater(t) ? std::optional(t + looks.back()) : std::nullopt;
}

bool CapacityPlan::changesLater(Instant t) const
{
    return !m_schedules.empty() || !m_openings.empty() || (!m_furthestEnds.empty() && m_furthestEnds.back() > t);
}

int CapacityPlan::floorAhead(std::size_t cell, Instant t, seconds lead) const
{
    const CellPlan now = at(t)[cell];
    int floor = now.bounds.min;
    const bool isHard = !now.bounds.isActive && std::ranges::any_of(m_hardSources, [&](int source) {
        return std::ranges::count(now.notes.reasons, source) > 0;
    });
    if (isHard)
        return floor;
    for (Instant change : changesBetween(t, t + lead + seconds(1)))
        floor = std::max(floor, at(change)[cell].bounds.min);
    return floor;
}

std::vector<ScheduleWindow> CapacityPlan::windows(Instant from, Instant to) const
{
    std::vector<ScheduleWindow> all;
    for (const CompiledSchedule& schedule : m_schedules) {
        for (const Window& window : schedule.table.windows(from, to))
            all.push_back({schedule.layer.source, window});
    }
    return all;
}

}  // namespace headgate
