#include "core/plan/capacity_plan.h"

#include <algorithm>

namespace headgate {
namespace {

constexpr seconds aMoment{1};

// `windows` by start. Those that touch are one.
void addJoined(std::vector<PlanSpan>& spans, int source, const std::vector<Window>& windows)
{
    const auto first = std::ssize(spans);
    for (const Window& window : windows) {
        if (window.fate == DstFate::Dropped || window.start >= window.end)
            continue;
        if (std::ssize(spans) > first && window.start <= spans.back().end)
            spans.back().end = std::max(spans.back().end, window.end);
        else
            spans.push_back({source, window.start, window.end});
    }
}

}  // namespace

void CapacityPlan::addConfigurationSpans(std::vector<PlanSpan>& spans, Instant after, Instant until) const
{
    int held = 0;
    for (const ConfigurationSpan& span : configurationsBetween(after, until + aMoment)) {
        if (span.configuration == held)
            continue;
        if (held != 0)
            spans.back().end = span.start;
        held = span.configuration;
        if (held != 0)
            spans.push_back({held + 1, span.start, Instant::max()});
    }
}

std::vector<PlanSpan> CapacityPlan::spansAround(Instant after, Instant until) const
{
    std::vector<PlanSpan> spans;
    for (const CompiledSchedule& schedule : m_schedules)
        addJoined(spans, schedule.layer.source, schedule.table.windows(after, until + aMoment));
    addConfigurationSpans(spans, after, until);
    for (std::size_t i = 0; i < m_overlays.size(); ++i)
        spans.push_back({m_firstOverlaySource + static_cast<int>(i), m_overlays[i].from, m_overlays[i].to});
    const auto isIn = [&](Instant t) { return t > after && t <= until; };
    std::erase_if(spans, [&](const PlanSpan& span) { return !isIn(span.start) && !isIn(span.end); });
    std::ranges::stable_sort(spans, {}, &PlanSpan::start);
    return spans;
}

}  // namespace headgate
