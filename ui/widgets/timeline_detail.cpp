#include "ui/widgets/timeline_detail.h"

#include <cmath>

namespace headgate {

namespace {

// One step for all that begins in the same pixel: `make` begins it, `put` adds to it.
template <class Step, class Thing, class Make, class Put>
std::vector<Step> stepsByPixel(const std::vector<Thing>& things, double secondsPerPixel, Make make, Put put)
{
    std::vector<Step> steps;
    double last = 0;
    for (const Thing& each : things) {
        const double pixel = std::floor(static_cast<double>(each.start.time_since_epoch().count()) / secondsPerPixel);
        if (!steps.empty() && pixel == last)
            put(steps.back(), each);
        else
            steps.push_back(make(each));
        last = pixel;
    }
    return steps;
}

}  // namespace

void Level::add(int nodes)
{
    last = nodes;
    least = std::min(least, nodes);
    most = std::max(most, nodes);
}

std::vector<TimelineRun> runsOf(const TimelineBars& bars, LaneRoom room, double secondsPerPixel)
{
    const seconds narrow(static_cast<int>(TimelineLayout::narrowestPx * secondsPerPixel));
    const seconds gap(static_cast<int>(secondsPerPixel));
    std::vector<TimelineRun> runs;
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::vector<std::size_t> open(static_cast<std::size_t>(room.lanes()), none);  // by lane: the run that may go on
    for (const TimelineBar& bar : bars.all()) {
        const bool isMore = room.isMore(bar);
        const bool isAlone = !isMore && bar.end - bar.start > narrow;
        // It is drawn so long at least.
        const Instant end = std::max(bar.end, bar.start + narrow);
        std::size_t& present = open[static_cast<std::size_t>(room.laneOf(bar))];
        if (!isAlone && present != none && bar.start <= runs[present].end + gap) {
            TimelineRun& run = runs[present];
            run.end = std::max(run.end, end);
            run.hasConflict = run.hasConflict || bar.hasConflict;
            ++run.bars;
            continue;
        }
        present = isAlone ? none : runs.size();
        runs.push_back({bar.start, end, room.laneOf(bar), 1, isMore, bar.hasConflict, isAlone ? &bar : nullptr});
    }
    return runs;
}

const RowDetail& TimelineDetails::of(const TimelineScene& scene, const TimelineLayout& layout, int row,
                                     double secondsPerPixel)
{
    if (m_secondsPerPixel != secondsPerPixel)
        m_rows.clear();
    m_secondsPerPixel = secondsPerPixel;
    const auto known = m_rows.find(row);
    if (known != m_rows.end())
        return known->second;
    const TimelineRow& content = scene.rows[static_cast<std::size_t>(row)];
    RowDetail& detail = m_rows[row];
    detail.overlays = ByTime(runsOf(content.overlays, layout.room(row, PlanItemKind::Overlay), secondsPerPixel));
    detail.schedules = ByTime(runsOf(content.schedules, layout.room(row, PlanItemKind::Schedule), secondsPerPixel));
    detail.bounds = stepsByPixel<BoundsStep>(
        content.segments, secondsPerPixel,
        [](const Segment& first) {
            return BoundsStep{first.start, Level(first.bounds.min), Level(first.bounds.max)};
        },
        [](BoundsStep& step, const Segment& next) {
            step.min.add(next.bounds.min);
            step.max.add(next.bounds.max);
        });
    detail.planned = stepsByPixel<CountStep>(
        content.planned, secondsPerPixel,
        [](const PlannedStep& first) {
            return CountStep{first.start, Level(first.nodes)};
        },
        [](CountStep& step, const PlannedStep& next) { step.nodes.add(next.nodes); });
    return detail;
}

}  // namespace headgate
