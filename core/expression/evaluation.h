#pragma once

#include "core/expression/expression.h"

#include <cstdint>
#include <map>
#include <string>

namespace headgate {

// What the nodes of a pool tell of one metric.
struct MetricFigures
{
    double sum = 0;
    double min = 0;
    double max = 0;
    std::int64_t count = 0;  // of nodes

    void add(double value);
    bool operator==(const MetricFigures&) const = default;
};

// By the name of the metric: a pool's figures for Scale expressions. One node's figures, or nodeCount, are those of a
// pool of one.
using MetricTable = std::map<std::string, MetricFigures, std::less<>>;

// In IEEE doubles; a condition is 1 or 0. && and || leave out what cannot matter any more. Unavailable if a metric that
// matters is not in the table, or has figures of no node (but count and sum are 0 then), or if a result is no finite
// number. At most Expression::maxTerms operations.
Result<double> valueOf(const Expression& expression, const MetricTable& metrics);

// As streams are routed by: towards zero, at the ends of the range the nearest.
std::int32_t truncated(double value);

// The expression with its values filled in, and what comes of it:
// "avg(connections.subscriber) 1,820 > 0.8 * 2,000 -> true".
std::string explain(const Expression& expression, const MetricTable& metrics);

}  // namespace headgate
