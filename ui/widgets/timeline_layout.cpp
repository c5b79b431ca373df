#include "ui/widgets/timeline_layout.h"

#include "ui/shell/theme.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr int groupPx = 34;
constexpr int paddingPx = 8;
constexpr int lanePx = 18;
constexpr int laneStepPx = 22;
constexpr int stepsPx = 32;
constexpr int restPx = 52;  // of a pool's row beside its lanes
constexpr double handlePx = 8;
constexpr double narrowestPx = 3;  // of a bar that can be taken

int lanesOf(const TimelineRow& row)
{
    return std::max(1, row.overlays.lanes() + row.schedules.lanes());
}

}  // namespace

TimelineLayout::TimelineLayout(TimelineScenePtr scene, std::set<NodeGroupName> folded)
    : m_scene(std::move(scene)), m_folded(std::move(folded))
{
    int y = 0;
    for (const TimelineRow& row : m_scene->rows) {
        m_tops.push_back(y);
        if (row.isGroup())
            y += scaled(groupPx);
        else if (!m_folded.contains(row.group))
            y += scaled(restPx) + lanesOf(row) * scaled(laneStepPx);
    }
    m_tops.push_back(y);
}

int TimelineLayout::labelWidth()
{
    return scaled(196);
}

int TimelineLayout::axisHeight()
{
    return scaled(56);
}

int TimelineLayout::rowAt(int y) const
{
    if (y < 0 || y >= height())
        return -1;
    const auto after = std::ranges::upper_bound(m_tops, y);
    return static_cast<int>(after - m_tops.begin()) - 1;
}

int TimelineLayout::rowOf(const PoolKey& pool) const
{
    for (int row = 0; row < rowCount(); ++row) {
        if (m_scene->rows[static_cast<std::size_t>(row)].pool() == pool)
            return row;
    }
    return -1;
}

QRectF TimelineLayout::laneRect(int row, int lane, Instant start, Instant end, const TimeAxis& axis) const
{
    const double left = labelWidth() + axis.xOf(start), right = labelWidth() + axis.xOf(end);
    const double y = top(row) + scaled(paddingPx) + lane * scaled(laneStepPx);
    return {left, y, std::max(right - left, narrowestPx), static_cast<double>(scaled(lanePx))};
}

QRectF TimelineLayout::barRect(int row, const TimelineBar& bar, const TimeAxis& axis, bool isOverlay) const
{
    const int above = isOverlay ? 0 : m_scene->rows[static_cast<std::size_t>(row)].overlays.lanes();
    return laneRect(row, above + bar.lane, bar.start, bar.end, axis);
}

QRectF TimelineLayout::stepsRect(int row, const TimeAxis& axis) const
{
    const double bottom = top(row + 1) - scaled(paddingPx);
    return {static_cast<double>(labelWidth()), bottom - scaled(stepsPx), static_cast<double>(axis.width()),
            static_cast<double>(scaled(stepsPx))};
}

// Overlays lie over schedules, and a later bar over an earlier one.
TimelineHit TimelineLayout::barAt(int row, QPointF at, const TimeAxis& axis) const
{
    const TimelineRow& content = m_scene->rows[static_cast<std::size_t>(row)];
    const double x = at.x() - labelWidth();
    const Instant from = axis.instantAt(x - handlePx), to = axis.instantAt(x + handlePx) + seconds(1);
    for (const bool isOverlay : {true, false}) {
        const auto bars = (isOverlay ? content.overlays : content.schedules).around(from, to);
        for (auto bar = bars.rbegin(); bar != bars.rend(); ++bar) {
            const QRectF rect = barRect(row, *bar, axis, isOverlay);
            const double reach = isOverlay ? handlePx / 2 : 0;
            if (!rect.adjusted(-reach, 0, reach, 0).contains(at))
                continue;
            if (!isOverlay || rect.width() < 3 * handlePx)
                return {TimelinePart::Bar, row, &*bar};
            if (at.x() < rect.left() + handlePx / 2)
                return {TimelinePart::BarStart, row, &*bar};
            return {at.x() > rect.right() - handlePx / 2 ? TimelinePart::BarEnd : TimelinePart::Bar, row, &*bar};
        }
    }
    return {TimelinePart::Lanes, row, nullptr};
}

TimelineHit TimelineLayout::hitAt(QPointF at, const TimeAxis& axis) const
{
    if (at.y() < 0)
        return {TimelinePart::Axis, -1, nullptr};
    const int row = rowAt(static_cast<int>(at.y()));
    if (row < 0)
        return {};
    if (at.x() < labelWidth())
        return {TimelinePart::Label, row, nullptr};
    if (m_scene->rows[static_cast<std::size_t>(row)].isGroup())
        return {TimelinePart::Group, row, nullptr};
    const int lanes = lanesOf(m_scene->rows[static_cast<std::size_t>(row)]);
    if (at.y() < top(row) + scaled(paddingPx) + lanes * scaled(laneStepPx))
        return barAt(row, at, axis);
    return {TimelinePart::Steps, row, nullptr};
}

}  // namespace headgate
