#include "ui/widgets/timeline_layout.h"

#include "ui/shell/theme.h"

namespace headgate {

namespace {

constexpr int groupPx = 34;
constexpr int paddingPx = 8;
constexpr int lanePx = 18;
constexpr int laneStepPx = 22;
constexpr int stepsPx = 32;
constexpr int restPx = 52;  // of a pool's row beside its lanes
constexpr int labelTopPx = 9;
constexpr int labelLeftPx = 38;
constexpr double handlePx = 8;
constexpr int mostOverlayLanes = 3;
constexpr int mostScheduleLanes = 2;

int mostLanes(PlanItemKind kind)
{
    return kind == PlanItemKind::Overlay ? mostOverlayLanes : mostScheduleLanes;
}

// A single bar too many gets the lane that "more" would take.
bool isTooMany(const TimelineRow& row, PlanItemKind kind)
{
    return row.bars(kind).lanes() > mostLanes(kind) + 1;
}

}  // namespace

TimelineLayout::TimelineLayout(TimelineScenePtr scene, TimelineFolding folding)
    : m_scene(std::move(scene)),
      m_folding(std::move(folding)),
      m_lengths{labelWidth(), scaled(paddingPx), scaled(lanePx), scaled(laneStepPx), scaled(stepsPx)}
{
    int y = 0;
    for (std::size_t i = 0; i < m_scene->rows.size(); ++i) {
        const TimelineRow& row = m_scene->rows[i];
        m_tops.push_back(y);
        if (row.isGroup())
            y += scaled(groupPx);
        else if (!m_folding.folded.contains(row.group))
            y += scaled(restPx) + lanesOf(static_cast<int>(i)) * m_lengths.laneStep;
    }
    m_tops.push_back(y);
}

LaneRoom TimelineLayout::room(int row, PlanItemKind kind) const
{
    const TimelineRow& shown = content(row);
    if (isTooMany(shown, kind) && !m_folding.opened.contains(shown.pool()))
        return {mostLanes(kind), true};
    return {shown.bars(kind).lanes(), false};
}

bool TimelineLayout::isCrowded(int row) const
{
    return isTooMany(content(row), PlanItemKind::Overlay) || isTooMany(content(row), PlanItemKind::Schedule);
}

int TimelineLayout::lanesOf(int row) const
{
    return std::max(1, room(row, PlanItemKind::Overlay).lanes() + room(row, PlanItemKind::Schedule).lanes());
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
        if (content(row).pool() == pool)
            return row;
    }
    return -1;
}

QRectF TimelineLayout::laneRect(int row, int lane, Instant start, Instant end, const TimeAxis& axis) const
{
    const double left = m_lengths.label + axis.xOf(start), right = m_lengths.label + axis.xOf(end);
    const double y = top(row) + m_lengths.padding + lane * m_lengths.laneStep;
    return {left, y, std::max(right - left, narrowestPx), static_cast<double>(m_lengths.lane)};
}

QRectF TimelineLayout::barRect(int row, const TimelineBar& bar, const TimeAxis& axis) const
{
    const PlanItemKind kind = m_scene->itemOf(bar).key.kind;
    return laneRect(row, firstLane(row, kind) + room(row, kind).laneOf(bar), bar.start, bar.end, axis);
}

int TimelineLayout::firstLane(int row, PlanItemKind kind) const
{
    return kind == PlanItemKind::Overlay ? 0 : room(row, PlanItemKind::Overlay).lanes();
}

QRectF TimelineLayout::stepsRect(int row, const TimeAxis& axis) const
{
    const double bottom = top(row + 1) - m_lengths.padding;
    return {static_cast<double>(m_lengths.label), bottom - m_lengths.steps, static_cast<double>(axis.width()),
            static_cast<double>(m_lengths.steps)};
}

QRect TimelineLayout::openerRect(int row) const
{
    if (!isCrowded(row) || isHidden(row))
        return {};
    const int y = top(row) + scaled(labelTopPx) + lineHeight(TextRole::BodyStrong) + lineHeight(TextRole::Small);
    return {scaled(labelLeftPx), y, labelWidth() - scaled(labelLeftPx + 40), lineHeight(TextRole::Small) + scaled(4)};
}

// A later bar lies over an earlier one.
TimelineHit TimelineLayout::barAt(int row, QPointF at, const TimeAxis& axis) const
{
    const double x = at.x() - labelWidth();
    const Instant from = axis.instantAt(x - handlePx), to = axis.instantAt(x + handlePx) + seconds(1);
    for (const PlanItemKind kind : {PlanItemKind::Overlay, PlanItemKind::Schedule}) {
        const bool isOverlay = kind == PlanItemKind::Overlay;
        const LaneRoom room = this->room(row, kind);
        const auto bars = content(row).bars(kind).around(from, to);
        for (auto bar = bars.rbegin(); bar != bars.rend(); ++bar) {
            const QRectF rect = barRect(row, *bar, axis);
            const double reach = isOverlay ? handlePx / 2 : 0;
            if (!rect.adjusted(-reach, 0, reach, 0).contains(at))
                continue;
            if (room.isMore(*bar))
                return {TimelinePart::More, row, nullptr};
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
        return {openerRect(row).contains(at.toPoint()) ? TimelinePart::Opener : TimelinePart::Label, row, nullptr};
    if (content(row).isGroup())
        return {TimelinePart::Group, row, nullptr};
    if (at.y() < top(row) + scaled(paddingPx) + lanesOf(row) * scaled(laneStepPx))
        return barAt(row, at, axis);
    return {TimelinePart::Steps, row, nullptr};
}

}  // namespace headgate
