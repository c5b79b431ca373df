#pragma once

#include "core/domain/node.h"

#include <optional>
#include <string_view>
#include <vector>

namespace headgate {

// What a node tells under the names that Stream Manager 2.0 has for it: connections in sessions, network in kbit/s,
// cpu.process.load as a share of all its processors (0 to 1). None for a metric that nodes do not tell.
std::optional<double> metricOf(const NodeLoad& load, std::string_view name);

struct NodeMetric
{
    std::string_view name;
    double value = 0;
};

// All there are, sorted by name.
std::vector<NodeMetric> metricsOf(const NodeLoad& load);

}  // namespace headgate
