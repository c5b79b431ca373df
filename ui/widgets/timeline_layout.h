#pragma once

#include "ui/models/time_axis.h"
#include "ui/models/timeline_scene.h"

#include <QRectF>

#include <set>
#include <utility>
#include <vector>

namespace headgate {

// What lies at a point of the timeline.
enum class TimelinePart
{
    Nothing,
    Axis,
    Label,  // of a row
    Group,  // beside its label
    Lanes,  // room for bars where there is none
    Steps,
    Bar,
    BarStart,  // where an overlay is taken to move its start
    BarEnd
};

struct TimelineHit
{
    TimelinePart part = TimelinePart::Nothing;
    int row = -1;                      // of the scene
    const TimelineBar* bar = nullptr;  // of the scene

    bool isBar() const { return bar != nullptr; }
};

// Where the rows of a scene, their lanes and bars lie. Lengths are pixels at the user's text size; y counts from the
// top of the first row, x from the left of the widget. Not mirrored in right-to-left layouts.
class TimelineLayout
{
public:
    TimelineLayout() = default;
    TimelineLayout(TimelineScenePtr scene, std::set<NodeGroupName> folded);

    static int labelWidth();
    static int axisHeight();

    int height() const { return m_tops.empty() ? 0 : m_tops.back(); }
    int rowCount() const { return m_tops.empty() ? 0 : static_cast<int>(m_tops.size()) - 1; }
    int top(int row) const { return m_tops[static_cast<std::size_t>(row)]; }
    int rowHeight(int row) const { return top(row + 1) - top(row); }
    bool isHidden(int row) const { return rowHeight(row) == 0; }
    const std::set<NodeGroupName>& folded() const { return m_folded; }

    // The row that `y` is in; -1 outside of all.
    int rowAt(int y) const;
    int rowOf(const PoolKey& pool) const;  // -1 if there is none

    // With `axis` from labelWidth() on.
    QRectF barRect(int row, const TimelineBar& bar, const TimeAxis& axis, bool isOverlay) const;
    QRectF laneRect(int row, int lane, Instant start, Instant end, const TimeAxis& axis) const;
    QRectF stepsRect(int row, const TimeAxis& axis) const;

    // Both axes as in barRect(); `y` above the rows is the axis.
    TimelineHit hitAt(QPointF at, const TimeAxis& axis) const;

private:
    TimelineHit barAt(int row, QPointF at, const TimeAxis& axis) const;

    TimelineScenePtr m_scene;
    std::set<NodeGroupName> m_folded;
    std::vector<int> m_tops;  // of the rows, and the end of the last
};

}  // namespace headgate
