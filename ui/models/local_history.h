#pragma once

#include "core/domain/metrics.h"
#include "core/domain/snapshot.h"

#include <deque>
#include <map>
#include <vector>

namespace headgate {

// The last samples per key, fed by snapshots, at most one a second; for sparklines and for charts' newest end.
// Older ones come from ControlPlane::readMetrics. A key that is gone for `capacity` samples is forgotten.
class LocalHistory
{
public:
    explicit LocalHistory(std::size_t capacity = 180);

    void add(const Snapshot& snapshot);
    void clear();

    // Ascending in time; empty if unknown.
    std::vector<MetricSample> samples(const MetricKey& key) const;
    std::vector<float> viewers(const MetricKey& key) const;
    std::vector<float> bitsIn(const MetricKey& key) const;
    std::vector<float> bitsOut(const MetricKey& key) const;

private:
    void put(const MetricKey& key, const MetricSample& sample);

    std::size_t m_capacity;
    TimePoint m_last;
    std::map<MetricKey, std::deque<MetricSample>> m_series;
};

// The figures of every key in one snapshot, as they are put into histories.
std::vector<std::pair<MetricKey, MetricSample>> samplesOf(const Snapshot& snapshot);

MetricKey streamMetricKey(const NodeGroupName& group, const StreamKey& stream);

}  // namespace headgate
