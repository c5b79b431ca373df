#include "core/base/random.h"
#include "tests/support/plans.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

// What a plan of 20 schedules and 10,000 overlays costs: the answer for one instant, and the preview of one year,
// beside asking for each of its breakpoints singly.

using namespace headgate;
using namespace headgate::testing;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int overlays = 10'000;
constexpr double atLimitUs = 50;
constexpr double previewLimitMs = 200;

PlanDocument largePlan(Instant from)
{
    Random random(1);
    PlanDocument document;
    document.nodeGroups = {plannedGroup()};
    for (int i = 0; i < 20; ++i) {
        Schedule schedule = dailySchedule("s" + std::to_string(i), "10:00", 4, ActiveEffect{i % 5, i % 5 + 6});
        auto& timing = std::get<CalendarTiming>(schedule.timing);
        timing.zone = i % 2 ? "Europe/Berlin" : "America/New_York";
        timing.start += std::chrono::minutes(37 * i);
        schedule.scope = scope();
        document.schedules.push_back(schedule);
    }
    for (int i = 0; i < overlays; ++i) {
        Overlay made;
        made.id = "o" + std::to_string(i);
        made.scope = scope(i % 3 ? "" : "berlin", i % 2 ? "edge" : "");
        made.from = from + seconds(random.below(365 * 86'400));
        made.to = made.from + seconds(600 + random.below(4 * 3600));
        made.priority = static_cast<int>(100 * random.below(5));
        made.op = i % 4 == 0 ? OverlayOperator(FloorBounds{i % 9}) : OverlayOperator(ShiftBounds{1, 0});
        document.overlays.push_back(made);
    }
    return document;
}

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

int main()
{
    const Instant from = utc("2026-01-01T00:00"), to = utc("2027-01-01T00:00");
    const CapacityPlan plan = compiled(largePlan(from));
    std::vector<double> previews;
    Preview preview;
    for (int i = 0; i < 5; ++i) {
        const auto start = Clock::now();
        preview = plan.preview(from, to);
        previews.push_back(secondsSince(start) * 1000);
    }
    std::ranges::sort(previews);
    std::vector<Instant> breakpoints;
    for (const Segment& segment : preview.segments)
        breakpoints.push_back(segment.start);
    std::ranges::sort(breakpoints);
    breakpoints.erase(std::unique(breakpoints.begin(), breakpoints.end()), breakpoints.end());
    std::size_t active = 0;
    const auto start = Clock::now();
    for (Instant t : breakpoints)
        active += plan.at(t).front().bounds.isActive ? 1 : 0;
    const double all = secondsSince(start);
    const double atUs = all * 1e6 / static_cast<double>(breakpoints.size());
    const double previewMs = previews[previews.size() / 2];
    std::printf("plan of 20 schedules and %d overlays, %zu cells, %zu segments, %zu conflicts\n", overlays,
                plan.cells().size(), preview.segments.size(), preview.conflicts.size());
    std::printf("at(): %.1f us (%.2f of the limit of %.0f us), all cells, active at %zu of %zu instants\n", atUs,
                atUs / atLimitUs, atLimitUs, active, breakpoints.size());
    std::printf("preview of one year: %.0f ms (%.2f of the limit of %.0f ms)\n", previewMs, previewMs / previewLimitMs,
                previewLimitMs);
    std::printf("asking at each of its %zu breakpoints takes %.1f times as long\n", breakpoints.size(),
                all * 1000 / previewMs);
    return 0;
}
