#include "core/engine/scale_policy.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr int countless = 1'000'000;

std::optional<Expression> readable(const std::string& text, ExpressionKind kind)
{
    auto expression = Expression::parse(text, kind);
    return expression ? std::optional(std::move(*expression)) : std::nullopt;
}

MetricTable withIdle(MetricTable metrics, int nodes)
{
    for (auto& [name, figures] : metrics) {
        if (nodes == 0)
            break;
        figures.min = std::min(figures.min, 0.0);
        figures.max = std::max(figures.max, 0.0);
        figures.count += nodes;
    }
    return metrics;
}

// The same load on so many nodes.
MetricTable spreadOver(MetricTable metrics, int nodes)
{
    for (auto& [name, figures] : metrics)
        figures.count = std::min<std::int64_t>(figures.count, nodes);
    return metrics;
}

bool isTrue(const Expression& expression, const MetricTable& metrics)
{
    const auto value = valueOf(expression, metrics);
    return value && *value != 0;
}

}  // namespace

ScaleExpressions::ScaleExpressions(const ScaleRule& rule)
    : outText(rule.outExpression),
      inText(rule.inExpression),
      rankingText(rule.capacityRankingExpression),
      increment(rule.increment),
      out(readable(outText, ExpressionKind::Scale)),
      in(readable(inText, ExpressionKind::Scale)),
      ranking(readable(rankingText, ExpressionKind::Capacity))
{}

bool ScaleExpressions::isOf(const ScaleRule& rule) const
{
    return outText == rule.outExpression && inText == rule.inExpression &&
           rankingText == rule.capacityRankingExpression && increment == rule.increment;
}

ScalePolicy::ScalePolicy(ScaleExpressions expressions, const PoolSight& sight)
    : m_expressions(std::move(expressions)), m_floor(sight.floor), m_ceiling(sight.ceiling)
{
    setDemand(sight.inService + sight.onTheirWay);
    if (m_demand > 0)
        m_shown = "its nodes stay until inExpression lets them go";
}

int ScalePolicy::size() const
{
    return std::max(m_floor, m_demand);
}

void ScalePolicy::setDemand(int demand)
{
    demand = std::min(demand, m_ceiling);
    m_demand = demand > m_floor ? demand : 0;
}

bool ScalePolicy::wouldGrow(const MetricTable& metrics) const
{
    return m_expressions.out && isTrue(*m_expressions.out, metrics);
}

void ScalePolicy::follow(const PoolSight& sight)
{
    const int before = size();
    m_floor = sight.floor;
    m_ceiling = sight.ceiling;
    int wanted = size();
    // Without an inExpression it would be held for ever.
    while (m_expressions.in && wanted < before && wouldGrow(spreadOver(sight.metrics, wanted)))
        ++wanted;
    if (wanted > size())
        m_shown = explain(*m_expressions.out, spreadOver(sight.metrics, wanted - 1));
    setDemand(wanted);
}

std::optional<ScaleStep> ScalePolicy::decide(const PoolSight& sight, TimePoint now)
{
    m_obstacle.clear();
    if (auto step = stepOut(sight)) {
        m_calmSince.reset();
        return step;
    }
    return stepIn(sight, now);
}

std::optional<ScaleStep> ScalePolicy::stepOut(const PoolSight& sight)
{
    if (!m_expressions.out || size() >= m_ceiling || sight.inService == 0)
        return std::nullopt;
    const auto value = valueOf(*m_expressions.out, sight.metrics);
    if (!value)
        m_obstacle = explain(*m_expressions.out, sight.metrics);
    const int coming = std::max(0, size() - sight.inService);
    if (!value || *value == 0 || !wouldGrow(withIdle(sight.metrics, coming)))
        return std::nullopt;
    const bool isHelped = !wouldGrow(withIdle(sight.metrics, countless));
    if (!isHelped && coming > 0)
        return std::nullopt;
    const int increment = m_expressions.increment;
    int more = increment;
    while (isHelped && size() + more < m_ceiling && wouldGrow(withIdle(sight.metrics, coming + more)))
        more += increment;
    ScaleStep step{size(), 0, explain(*m_expressions.out, sight.metrics)};
    setDemand(size() + more);
    step.to = size();
    m_shown = step.shown;
    return step;
}

// Since when it was true at every look.
bool ScalePolicy::isCalm(const PoolSight& sight, TimePoint now)
{
    if (sight.unheard > 0)
        m_obstacle = "not all of its nodes are heard.";
    if (sight.unheard > 0 || sight.onTheirWay > 0 || !isTrue(*m_expressions.in, sight.metrics)) {
        m_calmSince.reset();
        return false;
    }
    if (!m_calmSince || *m_calmSince > now)
        m_calmSince = now;
    const Duration paced = m_lastLeft && *m_lastLeft <= now ? now - *m_lastLeft : paceOfLeaving;
    return now - *m_calmSince >= std::max(calmTime, 2 * sight.leadTime) && paced >= paceOfLeaving;
}

std::optional<ScaleStep> ScalePolicy::stepIn(const PoolSight& sight, TimePoint now)
{
    if (!m_expressions.in || m_demand == 0 || !isCalm(sight, now))
        return std::nullopt;
    const int most = std::min({m_expressions.increment, std::max(1, size() / 10), size() - m_floor});
    int leaving = std::min(most, sight.withoutPublishers);
    if (leaving == 0)
        m_obstacle = "every node has publishers.";
    while (leaving > 0 && wouldGrow(spreadOver(sight.metrics, size() - leaving))) {
        m_obstacle =
            "with fewer nodes " + explain(*m_expressions.out, spreadOver(sight.metrics, size() - leaving)) + ".";
        --leaving;
    }
    if (leaving == 0)
        return std::nullopt;
    ScaleStep step{size(), 0, explain(*m_expressions.in, sight.metrics)};
    setDemand(size() - leaving);
    step.to = size();
    m_lastLeft = now;
    m_obstacle.clear();
    return step;
}

}  // namespace headgate
