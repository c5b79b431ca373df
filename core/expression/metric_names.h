#pragma once

#include "core/expression/expression.h"

#include <string_view>

namespace headgate {

// Whether Stream Manager 2.0 names such a metric of a node: "connections.subscriber", "network.egress10". Not every
// node tells all of them.
bool isMetricName(std::string_view name);

// InvalidArgument, with its column, for the first metric that nobody knows. nodeCount is known to Shuffle expressions.
Result<void> checkMetrics(const Expression& expression);

}  // namespace headgate
