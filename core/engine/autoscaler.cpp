#include "core/engine/autoscaler.h"

#include "core/domain/node_metrics.h"
#include "core/engine/audit_text.h"

#include <algorithm>
#include <set>
#include <vector>

namespace headgate::autoscaler {

namespace {

// Those that count as capacity, by pool; collected when somebody asks first.
class PoolNodesBook
{
public:
    explicit PoolNodesBook(EngineModel& model) : m_model(model) {}

    const std::vector<NodeRecord*>& of(const PoolKey& pool)
    {
        if (!m_isCollected) {
            for (auto& [id, record] : m_model.nodes) {
                if (isCapacity(record))
                    m_nodes[record.node.pool].push_back(&record);
            }
            m_isCollected = true;
        }
        return m_nodes[pool];
    }

private:
    EngineModel& m_model;
    bool m_isCollected = false;
    std::map<PoolKey, std::vector<NodeRecord*>> m_nodes;
};

bool isScaled(const GroupOrder& order, const PoolOrder& pool)
{
    const Role* role = order.group.findRole(pool.pool.key.role);
    const ScaleRule& rule = pool.pool.rule;
    return role && role->lifecycle == RoleLifecycle::Automatic && pool.bounds.max > 0 && !order.group.isScalingPaused &&
           !(rule.outExpression.empty() && rule.inExpression.empty());
}

std::set<std::string> metricsOf(const ScaleExpressions& expressions)
{
    std::set<std::string> names;
    for (const auto* expression : {&expressions.out, &expressions.in}) {
        const auto named = *expression ? (*expression)->metrics() : std::vector<std::string>();
        names.insert(named.begin(), named.end());
    }
    return names;
}

PoolSight sightOf(const PoolOrder& order, const ScaleExpressions& expressions, const std::vector<NodeRecord*>& nodes,
                  TimePoint now)
{
    PoolSight sight;
    sight.floor = order.wanted;
    sight.ceiling = order.bounds.max;
    sight.leadTime = order.leadTime;
    std::vector<const NodeLoad*> loads;
    for (const NodeRecord* record : nodes) {
        if (isWarming(record->node.state)) {
            ++sight.onTheirWay;
            continue;
        }
        ++sight.inService;
        sight.withoutPublishers += record->load.publishers == 0 ? 1 : 0;
        if (record->isConnected && now - record->lastHeard <= freshness)
            loads.push_back(&record->load);
        else
            ++sight.unheard;
    }
    for (const std::string& name : metricsOf(expressions)) {
        // None of them is told by some nodes only.
        if (!metricOf(NodeLoad(), name))
            continue;
        MetricFigures& figures = sight.metrics[name];
        for (const NodeLoad* load : loads)
            figures.add(*metricOf(*load, name));
    }
    return sight;
}

void rank(const std::optional<Expression>& ranking, const std::vector<NodeRecord*>& nodes)
{
    const std::vector<std::string> names = ranking ? ranking->metrics() : std::vector<std::string>();
    for (NodeRecord* record : nodes) {
        MetricTable metrics;
        for (const std::string& name : names) {
            if (const auto value = metricOf(record->load, name))
                metrics[name].add(*value);
        }
        record->rank = ranking ? valueOf(*ranking, metrics).value_or(0) : 0;
    }
}

enum class Look
{
    AtBounds,
    AtFigures  // too
};

void advancePool(StepWriter& writer, const PoolOrder& order, PoolNodesBook& book, Look look)
{
    auto& policies = writer.model().autoscaling.policies;
    const PoolKey& key = order.pool.key;
    auto policy = policies.find(key);
    const bool isNew = policy == policies.end() || !policy->second.expressions().isOf(order.pool.rule);
    const bool isBound =
        !isNew && policy->second.lastFloor() == order.wanted && policy->second.lastCeiling() == order.bounds.max;
    if (isBound && look == Look::AtBounds)
        return;
    const std::vector<NodeRecord*>& nodes = book.of(key);
    if (isNew) {
        ScaleExpressions expressions(order.pool.rule);
        const PoolSight sight = sightOf(order, expressions, nodes, writer.now());
        policy = policies.insert_or_assign(key, ScalePolicy(std::move(expressions), sight)).first;
    }
    const PoolSight sight = sightOf(order, policy->second.expressions(), nodes, writer.now());
    if (!isBound)
        policy->second.follow(sight);
    if (look == Look::AtBounds)
        return;
    rank(policy->second.expressions().ranking, nodes);
    if (const auto step = policy->second.decide(sight, writer.now()))
        writer.audit(audit_text::poolScaled(order.pool, *step));
}

}  // namespace

void advance(StepWriter& writer)
{
    EngineModel& model = writer.model();
    Autoscaling& scaling = model.autoscaling;
    const bool isDue = !scaling.nextAt || writer.now() >= *scaling.nextAt || *scaling.nextAt > writer.now() + period;
    PoolNodesBook book(model);
    std::set<PoolKey> followed;
    for (const auto& [name, page] : model.planBook) {
        for (const PoolOrder& order : page.order.pools) {
            if (!isScaled(page.order, order))
                continue;
            followed.insert(order.pool.key);
            advancePool(writer, order, book, isDue ? Look::AtFigures : Look::AtBounds);
        }
    }
    std::erase_if(scaling.policies, [&](const auto& entry) { return !followed.contains(entry.first); });
    if (isDue)
        scaling.nextAt = writer.now() + period;
}

PoolOrder scaled(const EngineModel& model, PoolOrder order)
{
    const auto policy = model.autoscaling.policies.find(order.pool.key);
    if (policy == model.autoscaling.policies.end())
        return order;
    const int demand = std::min(policy->second.demand(), order.bounds.max);
    if (demand <= order.wanted)
        return order;
    order.wanted = demand;
    order.reasons.push_back(policy->second.shown());
    return order;
}

std::string obstacleOf(const EngineModel& model, const PoolKey& pool)
{
    const auto policy = model.autoscaling.policies.find(pool);
    return policy == model.autoscaling.policies.end() ? std::string() : policy->second.obstacle();
}

std::optional<TimePoint> deadline(const EngineModel& model)
{
    return model.autoscaling.policies.empty() ? std::nullopt : model.autoscaling.nextAt;
}

std::vector<std::string> expressionsInVain(const NodeGroup& group)
{
    constexpr std::size_t mostTold = 5;
    std::vector<std::string> sentences;
    const auto look = [&](const Pool& pool, const std::string& text, ExpressionKind kind, const char* member) {
        const auto expression = Expression::parse(text, kind);
        const auto names = expression ? expression->metrics() : std::vector<std::string>();
        const auto isUntold = [](const std::string& name) { return !metricOf(NodeLoad(), name); };
        const auto untold = std::ranges::find_if(names, isUntold);
        if (untold != names.end() && sentences.size() < mostTold)
            sentences.push_back(std::string("The ") + member + " of " + pool.key.role + " in " + pool.key.subgroup +
                                " does nothing: nodes do not tell " + *untold + ".");
    };
    for (const Pool& pool : poolsOf(group)) {
        look(pool, pool.rule.outExpression, ExpressionKind::Scale, "outExpression");
        look(pool, pool.rule.inExpression, ExpressionKind::Scale, "inExpression");
        look(pool, pool.rule.capacityRankingExpression, ExpressionKind::Capacity, "capacityRankingExpression");
        look(pool, pool.rule.capacityLimitExpression, ExpressionKind::Capacity, "capacityLimitExpression");
    }
    return sentences;
}

}  // namespace headgate::autoscaler
