#pragma once

#include "core/domain/metrics.h"
#include "ui/widgets/timeline_painter.h"

#include <map>
#include <optional>
#include <vector>

namespace headgate {

// How many nodes pools really had: what the history knows, and what each snapshot shows from then on.
class TimelineCounts
{
public:
    void clear();

    // What to ask of the history for what is shown; none if all of it is to come.
    std::optional<MetricQuery> query(const TimeAxis& axis, TimePoint now);
    void setHistory(const std::vector<MetricSeries>& history, const Snapshot& snapshot);

    // The facts of all rows, with `snapshot` as the newest count.
    std::map<PoolKey, TimelineFacts> add(const Snapshot& snapshot);

private:
    std::map<PoolKey, std::vector<NodeCount>> m_counts;  // by time
    seconds m_longestStep{0};
};

}  // namespace headgate
