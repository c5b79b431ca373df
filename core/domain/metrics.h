#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headgate {

enum class MetricScope
{
    Cluster,
    NodeGroup,
    Pool,
    Node,
    Stream
};

// What a series is of. `name` is empty for the cluster, the group's name, "group/subgroup/role", the node's id, or
// "group/scope/name".
struct MetricKey
{
    MetricScope scope = MetricScope::Cluster;
    std::string name;

    auto operator<=>(const MetricKey&) const = default;
};

struct MetricSample
{
    TimePoint at;
    int viewers = 0;
    std::int64_t bitsInPerSecond = 0;
    std::int64_t bitsOutPerSecond = 0;
    double cpuPercent = 0;  // of one core; 0 for streams
    double jitterMs = 0;    // of a stream at its origin; 0 for the others
    int nodes = 0;          // in service; of cluster, groups and pools

    bool operator==(const MetricSample&) const = default;
};

struct MetricSeries
{
    MetricKey key;
    std::vector<MetricSample> samples;  // ascending in time; a gap longer than 3 steps means "no data"

    bool operator==(const MetricSeries&) const = default;
};

struct MetricQuery
{
    MetricScope scope = MetricScope::Cluster;
    TimePoint from;
    TimePoint to;
    int maxSamples = 600;  // per series, 2 to 5000; the answer is thinned to at most so many, keeping extremes
};

}  // namespace headgate
