#pragma once

#include "core/domain/metrics.h"
#include "core/domain/snapshot.h"

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace headgate {

// The figures of the past, in memory: each second for 30 min, means over 10 s for 24 h, for the cluster and each group,
// pool, node and stream. A series that got nothing for 24 h goes; at most 20,000 series and 4 million samples are kept,
// those that got nothing for longest go first. Thread-safe.
class MetricsHistory
{
public:
    // Takes the figures of one instant; a second one in the same second is left out.
    void record(const Snapshot& snapshot);

    // All series of the scope, sorted by key, with 1 s steps if those reach back to `query.from`, else with 10 s steps.
    std::vector<MetricSeries> read(const MetricQuery& query) const;

private:
    struct Sums
    {
        MetricSample total;
        int count = 0;
    };

    struct Series
    {
        std::deque<MetricSample> seconds;
        std::deque<MetricSample> tenSeconds;
        Sums current;  // of the 10 s that are not over
        TimePoint lastUpdate;
    };

    void add(const MetricKey& key, const MetricSample& sample);
    void closeTenSeconds(Series& series);
    void forget(TimePoint now);

    mutable std::mutex m_mutex;
    std::map<MetricKey, Series> m_series;
    std::size_t m_sampleCount = 0;
    TimePoint m_lastRecord;
};

// At most `maxSamples` (at least 2) of them: per stretch of time two samples that hold the least and the greatest value
// of every figure, in the order in which these came.
std::vector<MetricSample> thin(const std::vector<MetricSample>& samples, int maxSamples);

}  // namespace headgate
