#pragma once

#include "core/domain/node_metrics.h"
#include "core/expression/evaluation.h"

#include <nlohmann/json.hpp>

// Metrics as Stream Manager 2.0 writes them, and what its expression calls send and get.
namespace headgate::stream_manager {

using Json = nlohmann::json;

// The member "metrics" of a nodeEvent, which stands there only when asked for: a tree of {"name","value"|"children"}.
Json metricsToJson(const NodeLoad& load);

// An expression with the metrics to evaluate it with.
struct Evaluation
{
    Expression expression;
    MetricTable metrics;
};

// {"expression","metrics"}: of one node a tree as above, of a pool (ExpressionKind::Scale) an object of
// {"sum","min","max","count","children"} by name. InvalidArgument with the pointer of the member.
Result<Evaluation> evaluationFromJson(const Json& json, ExpressionKind kind);

// {"result"} of a condition, else {"doubleResult","integerResult"}, and in both what ours adds: "shown", the expression
// with its values. InvalidArgument if it has no value.
Result<Json> resultOf(const Evaluation& evaluation);

}  // namespace headgate::stream_manager
