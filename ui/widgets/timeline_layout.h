#pragma once

#include "ui/models/time_axis.h"
#include "ui/models/timeline_scene.h"

#include <QRectF>

#include <algorithm>
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
    Opener,
    Group,  // beside its label
    Lanes,  // room for bars where there is none
    More,   // bars that have no lane of their own
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

// The lanes that a row has for bars of one kind: `own` ones, and one that all others share.
struct LaneRoom
{
    int own = 0;
    bool hasMore = false;

    int lanes() const { return own + (hasMore ? 1 : 0); }
    int laneOf(const TimelineBar& bar) const { return std::min(bar.lane, own); }
    bool isMore(const TimelineBar& bar) const { return bar.lane >= own; }
};

// What the user made smaller or larger.
struct TimelineFolding
{
    std::set<NodeGroupName> folded;
    std::set<PoolKey> opened;  // no bar of theirs is without a lane
};

// Where the rows of a scene, their lanes and bars lie. Lengths are pixels at the user's text size; y counts from the
// top of the first row, x from the left of the widget. Not mirrored in right-to-left layouts.
class TimelineLayout
{
public:
    static constexpr double narrowestPx = 3;  // of a bar that can be taken

    TimelineLayout() = default;
    TimelineLayout(TimelineScenePtr scene, TimelineFolding folding);

    static int labelWidth();
    static int axisHeight();

    int height() const { return m_tops.empty() ? 0 : m_tops.back(); }
    int rowCount() const { return m_tops.empty() ? 0 : static_cast<int>(m_tops.size()) - 1; }
    int top(int row) const { return m_tops[static_cast<std::size_t>(row)]; }
    int rowHeight(int row) const { return top(row + 1) - top(row); }
    bool isHidden(int row) const { return rowHeight(row) == 0; }
    const TimelineFolding& folding() const { return m_folding; }
    LaneRoom room(int row, PlanItemKind kind) const;
    // Has more bars at a time than lanes, unless it is opened.
    bool isCrowded(int row) const;

    // The row that `y` is in; -1 outside of all.
    int rowAt(int y) const;
    int rowOf(const PoolKey& pool) const;  // -1 if there is none

    // With `axis` from labelWidth() on. A lane counts from the first of the row; overlays lie above schedules.
    QRectF barRect(int row, const TimelineBar& bar, const TimeAxis& axis) const;
    int firstLane(int row, PlanItemKind kind) const;
    QRectF laneRect(int row, int lane, Instant start, Instant end, const TimeAxis& axis) const;
    QRectF stepsRect(int row, const TimeAxis& axis) const;
    // In the label: what opens and closes a crowded row; empty for others.
    QRect openerRect(int row) const;

    // Both axes as in barRect(); `y` above the rows is the axis.
    TimelineHit hitAt(QPointF at, const TimeAxis& axis) const;

private:
    TimelineHit barAt(int row, QPointF at, const TimeAxis& axis) const;

    int lanesOf(int row) const;
    const TimelineRow& content(int row) const { return m_scene->rows[static_cast<std::size_t>(row)]; }

    // Asking for the text size costs as much as drawing a small bar.
    struct Lengths
    {
        int label = 0;
        int padding = 0;
        int lane = 0;
        int laneStep = 0;
        int steps = 0;
    };

    TimelineScenePtr m_scene;
    TimelineFolding m_folding;
    Lengths m_lengths;
    std::vector<int> m_tops;  // of the rows, and the end of the last
};

}  // namespace headgate
