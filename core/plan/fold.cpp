#include "core/plan/fold.h"

#include <algorithm>
#include <tuple>

namespace headgate {
namespace {

using Layers = std::span<const Layer* const>;

// Percentages of percentages would leave what can be counted.
constexpr std::int64_t mostShifted = 1'000'000;

std::int64_t shifted(std::int64_t value, std::int64_t nodes, std::int64_t percent)
{
    const std::int64_t product = value * percent;
    const std::int64_t more = product > 0 ? (product + 99) / 100 : product / 100;
    return std::max<std::int64_t>(value + nodes + more, 0);
}

class Folding
{
public:
    Folding(const CellGround& ground, FoldNotes& notes) : m_ground(ground), m_notes(notes) {}

    void applySchedules(Layers layers)
    {
        if (m_ground.scheduleRank < 0) {
            m_bounds = {true, m_ground.min, m_ground.max};
            return;
        }
        bool isOff = false;
        for (const Layer* layer : layers) {
            if (rankOf(*layer) != m_ground.scheduleRank)
                continue;
            note(*layer);
            if (layer->step == LayerStep::ScheduleInactive)
                isOff = true;
            else
                unite(wanted(*layer));
        }
        if (isOff)
            m_bounds = {};
        if (!isOff && !m_bounds.isActive)
            m_notes.reasons.push_back(outsideSource);
    }

    // `layers` are all of one priority.
    void applyOverlays(Layers layers)
    {
        int rank = -1;
        for (const Layer* layer : layers)
            rank = std::max(rank, rankOf(*layer));
        if (rank < 0)
            return;
        m_rank = rank;
        replace(layers);
        shift(layers);
        const Layer* floor = raise(layers);
        lower(layers, floor);
        for (const Layer* layer : layers) {
            if (counts(*layer, LayerStep::Deactivate)) {
                note(*layer);
                m_bounds = {};
            }
        }
    }

    // All of them hold, however exact.
    void applyLimits(Layers layers)
    {
        for (const Layer* layer : layers) {
            if (rankOf(*layer) < 0 || !m_bounds.isActive || m_bounds.max <= layer->low)
                continue;
            note(*layer);
            clash(ClashKind::AboveLimit, *layer, *layer);
            cap(layer->low);
        }
    }

    NodeBounds bounds() const { return m_bounds; }

private:
    int rankOf(const Layer& layer) const { return m_ground.rank[static_cast<std::size_t>(layer.scope)]; }
    bool counts(const Layer& layer, LayerStep step) const { return layer.step == step && rankOf(layer) == m_rank; }
    void note(const Layer& layer) { m_notes.reasons.push_back(layer.source); }

    void clash(ClashKind kind, const Layer& layer, const Layer& other)
    {
        m_notes.clashes.push_back({kind, layer.source, other.source});
    }

    // Bounds that are left out are the group's own, and give way to the one that is there.
    NodeBounds wanted(const Layer& layer) const
    {
        const int min = layer.low >= 0    ? layer.low
                        : layer.high >= 0 ? std::min(m_ground.min, layer.high)
                                          : m_ground.min;
        return {true, min, layer.high >= 0 ? std::max(layer.high, min) : std::max(m_ground.max, min)};
    }

    void unite(const NodeBounds& more)
    {
        m_bounds = {true, std::max(m_bounds.min, more.min), std::max(m_bounds.max, more.max)};
    }

    void cap(int nodes)
    {
        m_bounds.max = std::min(m_bounds.max, nodes);
        m_bounds.min = std::min(m_bounds.min, nodes);
    }

    void replace(Layers layers)
    {
        const Layer* first = nullptr;
        for (const Layer* layer : layers) {
            if (!counts(*layer, LayerStep::Replace))
                continue;
            note(*layer);
            if (!first)
                m_bounds = {};
            else if (wanted(*layer) != wanted(*first))
                clash(ClashKind::Replace, *first, *layer);
            first = first ? first : layer;
            unite(wanted(*layer));
        }
    }

    void shift(Layers layers)
    {
        std::int64_t nodes = 0, percent = 0;
        const Layer* last = nullptr;
        for (const Layer* layer : layers) {
            if (!counts(*layer, LayerStep::Shift))
                continue;
            note(*layer);
            if (!m_bounds.isActive)
                clash(ClashKind::OnInactive, *layer, *layer);
            nodes += layer->low;
            percent += layer->high;
            last = layer;
        }
        if (!last || !m_bounds.isActive)
            return;
        percent = std::max<std::int64_t>(percent, -100);
        const std::int64_t min = shifted(m_bounds.min, nodes, percent), max = shifted(m_bounds.max, nodes, percent);
        if (max > mostShifted)
            clash(ClashKind::AboveLimit, *last, *last);
        m_bounds.min = static_cast<int>(std::min(min, mostShifted));
        m_bounds.max = static_cast<int>(std::min(max, mostShifted));
    }

    // The highest floor, null if there is none.
    const Layer* raise(Layers layers)
    {
        const Layer* highest = nullptr;
        for (const Layer* layer : layers) {
            if (!counts(*layer, LayerStep::Floor))
                continue;
            note(*layer);
            if (!m_bounds.isActive && layer->low > 0)
                clash(ClashKind::OnInactive, *layer, *layer);
            if (!highest || layer->low > highest->low)
                highest = layer;
        }
        if (highest && (m_bounds.isActive || highest->low > 0)) {
            m_bounds.min = std::max(m_bounds.min, highest->low);
            m_bounds.max = std::max(m_bounds.isActive ? m_bounds.max : m_ground.max, m_bounds.min);
            m_bounds.isActive = true;
        }
        return highest;
    }

    void lower(Layers layers, const Layer* floor)
    {
        for (const Layer* layer : layers) {
            if (!counts(*layer, LayerStep::Ceil))
                continue;
            note(*layer);
            if (floor && floor->low > layer->low)
                clash(ClashKind::FloorAboveCeiling, *floor, *layer);
            cap(layer->low);
        }
    }

    const CellGround& m_ground;
    FoldNotes& m_notes;
    NodeBounds m_bounds;
    int m_rank = -1;
};

}  // namespace

bool Layer::comesBefore(const Layer& other) const
{
    return std::tie(priority, step, source) < std::tie(other.priority, other.step, other.source);
}

NodeBounds fold(const CellGround& ground, Layers layers, FoldNotes& notes)
{
    notes.reasons.assign(1, ground.source);
    notes.clashes.clear();
    if (!ground.isThere)
        return {};
    Folding folding(ground, notes);
    std::size_t first = 0;
    const auto endOfPriority = [&] {
        std::size_t end = first;
        while (end < layers.size() && layers[end]->priority == layers[first]->priority)
            ++end;
        return end;
    };
    const std::size_t schedules = !layers.empty() && layers.front()->priority == schedulePriority ? endOfPriority() : 0;
    folding.applySchedules(layers.subspan(0, schedules));
    for (first = schedules; first < layers.size();) {
        const std::size_t end = endOfPriority();
        const Layers same = layers.subspan(first, end - first);
        if (same.front()->priority == limitPriority)
            folding.applyLimits(same);
        else
            folding.applyOverlays(same);
        first = end;
    }
    return folding.bounds();
}

}  // namespace headgate
