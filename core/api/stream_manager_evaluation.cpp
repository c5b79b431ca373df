#include "core/api/stream_manager_call.h"
#include "core/expression/metric_names.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_metrics.h"

#include <algorithm>

namespace headgate {

namespace {

using stream_manager::Evaluation;

http::Answer answerOf(const Result<Evaluation>& evaluation)
{
    if (!evaluation)
        return streamManagerFailure(evaluation.error());
    const auto result = stream_manager::resultOf(*evaluation);
    return result ? jsonResponse(200, *result) : streamManagerFailure(result.error());
}

// The expression is the body.
Result<Evaluation> evaluationOf(const http::Request& request, ExpressionKind kind, MetricTable metrics)
{
    auto expression = Expression::parse(request.body, kind);
    if (!expression)
        return tl::unexpected(expression.error());
    if (auto known = checkMetrics(*expression); !known)
        return tl::unexpected(known.error());
    return Evaluation{std::move(*expression), std::move(metrics)};
}

void addTo(MetricTable& table, const NodeStatus& node)
{
    for (const NodeMetric& metric : metricsOf(node.load))
        table[std::string(metric.name)].add(metric.value);
}

// Of those in service. Metrics of no node count as 0 nodes.
MetricTable metricsOfPool(const Snapshot& snapshot, const PoolKey& pool)
{
    MetricTable table;
    for (const NodeMetric& metric : metricsOf(NodeLoad()))
        table[std::string(metric.name)];
    for (const NodeStatus& node : snapshot.nodes) {
        if (node.node.pool == pool && node.node.state == NodeState::InService &&
            node.node.health == NodeHealth::Healthy)
            addTo(table, node);
    }
    return table;
}

}  // namespace

// evaluate/capacity, evaluate/capacity/{group}/{node}, evaluate/scale, evaluate/scale/{group}/{subgroup}/{role}
http::Answer StreamManagerRoutes::evaluate(const Call& call, Segments rest) const
{
    const bool isScale = !rest.empty() && rest[0] == "scale";
    const std::size_t names = isScale ? 4 : 3;
    if (rest.empty() || (!isScale && rest[0] != "capacity") || (rest.size() != 1 && rest.size() != names))
        return nothingHere(call.request.path);
    if (!call.is(http::Method::Post))
        return wrongMethod("POST");
    const ExpressionKind kind = isScale ? ExpressionKind::Scale : ExpressionKind::Capacity;
    if (rest.size() == 1) {
        const auto json = native::parse(call.request.body);
        return answerOf(json ? stream_manager::evaluationFromJson(*json, kind) : tl::unexpected(json.error()));
    }
    const NodeGroupName group(rest[1]);
    const NodeGroupStatus* known = call.snapshot->findNodeGroup(group);
    if (!known)
        return unknownGroup(rest[1]);
    if (!isScale) {
        const NodeStatus* node = call.snapshot->findNode(NodeId(rest[2]));
        if (!node || node->node.pool.nodeGroup != group)
            return streamManagerFailure(
                Error{ErrorCode::NotFound, "There is no node \"" + rest[2] + "\" in " + rest[1] + ".", {}, {}});
        MetricTable metrics;
        addTo(metrics, *node);
        return answerOf(evaluationOf(call.request, kind, std::move(metrics)));
    }
    const PoolKey pool{group, rest[2], rest[3]};
    if (std::ranges::count(known->pools, pool, &PoolStatus::key) == 0)
        return streamManagerFailure(
            Error{ErrorCode::NotFound, "There is no pool " + rest[2] + "/" + rest[3] + " in " + rest[1] + ".", {}, {}});
    return answerOf(evaluationOf(call.request, kind, metricsOfPool(*call.snapshot, pool)));
}

}  // namespace headgate
