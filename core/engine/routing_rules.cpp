#include "core/engine/routing_rules.h"

#include "core/domain/node_metrics.h"
#include "core/expression/evaluation.h"

#include <algorithm>

namespace headgate {

namespace {

std::optional<Expression> readable(const std::string& text, ExpressionKind kind)
{
    auto expression = Expression::parse(text, kind);
    return expression ? std::optional(std::move(*expression)) : std::nullopt;
}

std::optional<std::int32_t> valueFor(const std::optional<Expression>& expression, const NodeLoad& load)
{
    if (!expression)
        return std::nullopt;
    MetricTable metrics;
    for (const std::string& name : expression->metrics()) {
        if (const auto figure = metricOf(load, name))
            metrics[name].add(*figure);
    }
    const auto value = valueOf(*expression, metrics);
    return value ? std::optional(truncated(*value)) : std::nullopt;
}

}  // namespace

RoutingRules::RoutingRules(const NodeGroup& group)
    : m_shuffle(readable(group.shuffleSizeExpression, ExpressionKind::Shuffle))
{
    for (const Pool& pool : poolsOf(group)) {
        auto ranking = readable(pool.rule.capacityRankingExpression, ExpressionKind::Capacity);
        if (ranking)
            m_pools[pool.key] = {std::move(ranking),
                                 readable(pool.rule.capacityLimitExpression, ExpressionKind::Capacity)};
    }
}

RoutingRank RoutingRules::rankOf(const PoolKey& pool, const NodeLoad& load) const
{
    const auto rules = m_pools.find(pool);
    const auto rank = rules == m_pools.end() ? std::nullopt : valueFor(rules->second.ranking, load);
    if (!rank)
        return {};
    const auto limit = valueFor(rules->second.limit, load);
    return {*rank, limit && *rank >= *limit};
}

std::optional<std::size_t> RoutingRules::shuffleSize(std::size_t nodes) const
{
    if (!m_shuffle || nodes == 0)
        return std::nullopt;
    MetricTable metrics;
    metrics["nodeCount"].add(static_cast<double>(nodes));
    const auto value = valueOf(*m_shuffle, metrics);
    if (!value)
        return std::nullopt;
    return std::clamp<std::size_t>(static_cast<std::size_t>(std::max(truncated(*value), 1)), 1, nodes);
}

const RoutingRules& RoutingRulesBook::of(const Snapshot& snapshot, const NodeGroupStatus& group)
{
    const auto page = m_pages.find(group.group.name);
    if (page != m_pages.end() && page->second.revision == snapshot.revision &&
        page->second.configuration == group.configuration)
        return page->second.rules;
    std::erase_if(m_pages, [&](const auto& entry) { return !snapshot.findNodeGroup(entry.first); });
    Page fresh{snapshot.revision, group.configuration, RoutingRules(group.present())};
    return m_pages.insert_or_assign(group.group.name, std::move(fresh)).first->second.rules;
}

}  // namespace headgate
