#pragma once

#include "ui/widgets/timeline_layout.h"

#include <map>

namespace headgate {

// What is drawn as one: a bar, or bars of one lane that are too narrow to be told apart or have no lane of their own.
struct TimelineRun
{
    Instant start;
    Instant end;
    int lane = 0;  // as it is drawn, of the lanes of its kind
    int bars = 1;
    bool isMore = false;  // of bars without a lane of their own
    bool hasConflict = false;
    const TimelineBar* bar = nullptr;  // of the scene; null unless it is one bar that is wide enough

    bool operator==(const TimelineRun&) const = default;
};

// By start. Nothing is lost: each bar lies in one run, and a run has no gap of more than a pixel.
std::vector<TimelineRun> runsOf(const TimelineBars& bars, LaneRoom room, double secondsPerPixel);

// A number of nodes over one pixel or more: what it is at the end, and what it was at least and at most.
struct Level
{
    int last = 0;
    int least = 0;
    int most = 0;

    Level() = default;
    explicit Level(int nodes) : last(nodes), least(nodes), most(nodes) {}
    void add(int nodes);
    bool operator==(const Level&) const = default;
};

struct BoundsStep
{
    Instant start;
    Level min;
    Level max;
};

struct CountStep
{
    Instant start;
    Level nodes;
};

// What of a row can be told apart at one scale: at most one step a pixel.
struct RowDetail
{
    ByTime<TimelineRun> overlays;
    ByTime<TimelineRun> schedules;
    std::vector<BoundsStep> bounds;
    std::vector<CountStep> planned;

    const ByTime<TimelineRun>& runs(PlanItemKind kind) const
    {
        return kind == PlanItemKind::Overlay ? overlays : schedules;
    }
};

// The details of rows. Each is worked out when it is asked for and kept while the scale is the same, so that scrolling
// costs what is seen and not what there is.
class TimelineDetails
{
public:
    // Scene or layout are others.
    void clear() { m_rows.clear(); }
    const RowDetail& of(const TimelineScene& scene, const TimelineLayout& layout, int row, double secondsPerPixel);

private:
    double m_secondsPerPixel = 0;
    std::map<int, RowDetail> m_rows;
};

}  // namespace headgate
