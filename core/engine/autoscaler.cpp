#include "core/engine/autoscaler.h"

#include "core/domain/node_metrics.h"
#include "core/engine/audit_text.h"
#include "core/engine/load_sight.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace headgate::autoscaler {

namespace {

bool isScaled(const GroupOrder& order, const PoolOrder& pool)
{
    const Role* role = order.group.findRole(pool.pool.key.role);
    const ScaleRule& rule = pool.pool.rule;
    return role && role->lifecycle == RoleLifecycle::Automatic && pool.bounds.max > 0 && !order.group.isScalingPaused &&
           (rule.load || !rule.outExpression.empty() || !rule.inExpression.empty());
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
    static_cast<PoolCounts&>(sight) = countsOf(order, nodes, now);
    std::vector<const NodeLoad*> loads;
    for (const NodeRecord* record : nodes) {
        if (!isWarming(record->node.state) && isFresh(*record, now))
            loads.push_back(&record->load);
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

// One pool at one instant.
class PoolLook
{
public:
    PoolLook(StepWriter& writer, const GroupOrder& group, const PoolOrder& order, PoolNodesBook& book)
        : m_writer(writer), m_group(group), m_order(order), m_book(book)
    {}

    void advance(Look look)
    {
        PoolPolicy* policy = find();
        const auto isBoundBy = [&](const auto& p) {
            return p.lastFloor() == m_order.wanted && p.lastCeiling() == m_order.bounds.max;
        };
        if (policy && look == Look::AtBounds && std::visit(isBoundBy, *policy))
            return;
        if (!policy)
            policy = begin();
        std::visit([&](auto& p) { follow(p, look); }, *policy);
    }

private:
    const std::vector<NodeRecord*>& nodes() { return m_book.of(m_order.pool.key).capacity; }

    LoadSight loadSight() { return loadSightOf(m_writer.model(), m_group, m_order, m_book, m_writer.now()); }

    // Null if there is none, or one of another rule.
    PoolPolicy* find()
    {
        auto& policies = m_writer.model().autoscaling.policies;
        const auto found = policies.find(m_order.pool.key);
        const ScaleRule& rule = m_order.pool.rule;
        const bool isOf =
            found != policies.end() && std::visit([&](const auto& policy) { return policy.isOf(rule); }, found->second);
        return isOf ? &found->second : nullptr;
    }

    PoolPolicy* begin()
    {
        auto& policies = m_writer.model().autoscaling.policies;
        const auto put = [&](PoolPolicy policy) {
            return &policies.insert_or_assign(m_order.pool.key, std::move(policy)).first->second;
        };
        if (m_order.pool.rule.load)
            return put(LoadPolicy(*m_order.pool.rule.load, loadSight(), m_writer.now()));
        ScaleExpressions expressions(m_order.pool.rule);
        const PoolSight sight = sightOf(m_order, expressions, nodes(), m_writer.now());
        return put(ScalePolicy(std::move(expressions), sight));
    }

    void follow(ScalePolicy& policy, Look look)
    {
        const PoolSight sight = sightOf(m_order, policy.expressions(), nodes(), m_writer.now());
        policy.follow(sight);
        if (look == Look::AtBounds)
            return;
        rank(policy.expressions().ranking, nodes());
        tell(policy.decide(sight, m_writer.now()));
    }

    void follow(LoadPolicy& policy, Look look)
    {
        const LoadSight sight = loadSight();
        policy.follow(sight);
        if (look == Look::AtBounds)
            return;
        tell(policy.decide(sight, m_writer.now()));
        m_writer.model().autoscaling.demand[m_order.pool.key].joined = 0;
    }

    void tell(const std::optional<ScaleStep>& step)
    {
        if (step)
            m_writer.audit(audit_text::poolScaled(m_order.pool, *step, m_order.bounds.min, m_order.bounds.max));
    }

    StepWriter& m_writer;
    const GroupOrder& m_group;
    const PoolOrder& m_order;
    PoolNodesBook& m_book;
};

}  // namespace

bool isFresh(const NodeRecord& record, TimePoint now)
{
    return record.isConnected && now - record.lastHeard <= freshness;
}

void observe(EngineModel& model, const DemandObserved& demand, TimePoint now)
{
    Autoscaling& scaling = model.autoscaling;
    for (auto& [pool, known] : scaling.demand)
        known = {pool, 0, 0, 0, 0, known.joined};
    for (const PoolDemand& pool : demand.pools) {
        PoolDemand& known = scaling.demand[pool.pool];
        const int joined = known.joined + pool.joined;
        known = pool;
        known.joined = joined;
    }
    scaling.demandAt = now;
}

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
            PoolLook(writer, page.order, order, book).advance(isDue ? Look::AtFigures : Look::AtBounds);
        }
    }
    std::erase_if(scaling.policies, [&](const auto& entry) { return !followed.contains(entry.first); });
    std::erase_if(scaling.demand, [&](const auto& entry) { return !followed.contains(entry.first); });
    if (isDue)
        scaling.nextAt = writer.now() + period;
}

PoolOrder scaled(const EngineModel& model, PoolOrder order)
{
    const auto policy = model.autoscaling.policies.find(order.pool.key);
    if (policy == model.autoscaling.policies.end())
        return order;
    const auto& [demand, shown] =
        std::visit([](const auto& p) { return std::pair(p.demand(), p.shown()); }, policy->second);
    if (std::min(demand, order.bounds.max) <= order.wanted)
        return order;
    order.wanted = std::min(demand, order.bounds.max);
    order.reasons.push_back(shown);
    return order;
}

std::string obstacleOf(const EngineModel& model, const PoolKey& pool)
{
    const auto policy = model.autoscaling.policies.find(pool);
    if (policy == model.autoscaling.policies.end())
        return {};
    return std::visit([](const auto& p) { return p.obstacle(); }, policy->second);
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
