#pragma once

#include "core/domain/snapshot.h"
#include "core/expression/expression.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace headgate {

// Where a node stands among those of its purpose, as its scale rule says.
struct RoutingRank
{
    std::int32_t rank = 0;   // of capacityRankingExpression, without its fraction; the lowest is chosen first
    bool isAtLimit = false;  // it has reached capacityLimitExpression

    bool operator==(const RoutingRank&) const = default;
};

// The expressions by which one configuration of a group routes. What cannot be read or has no value does not count.
class RoutingRules
{
public:
    explicit RoutingRules(const NodeGroup& group);

    // Whether it has none.
    bool isEmpty() const { return m_pools.empty() && !m_shuffle; }

    RoutingRank rankOf(const PoolKey& pool, const NodeLoad& load) const;

    // Among how many of `nodes`, which are in order, the choice is free: 1 to `nodes`; none without the expression.
    std::optional<std::size_t> shuffleSize(std::size_t nodes) const;

private:
    struct PoolRules
    {
        std::optional<Expression> ranking;
        std::optional<Expression> limit;
    };

    std::map<PoolKey, PoolRules> m_pools;  // with a ranking
    std::optional<Expression> m_shuffle;
};

// Those of all groups, each read once for a configuration.
class RoutingRulesBook
{
public:
    const RoutingRules& of(const Snapshot& snapshot, const NodeGroupStatus& group);

private:
    struct Page
    {
        std::uint64_t revision = 0;
        std::string configuration;
        RoutingRules rules;
    };

    std::map<NodeGroupName, Page> m_pages;
};

}  // namespace headgate
