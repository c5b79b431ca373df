#pragma once

#include "core/base/time.h"
#include "core/domain/decision.h"
#include "core/domain/node_group.h"
#include "core/expression/evaluation.h"

#include <optional>
#include <string>
#include <vector>

namespace headgate {

// The expressions of one pool's rule, as they can be followed.
struct ScaleExpressions
{
    // What cannot be read is left out: documents written before it was checked may have it.
    explicit ScaleExpressions(const ScaleRule& rule);

    // It was made of such a rule; bounds do not matter.
    bool isOf(const ScaleRule& rule) const;

    std::string outText, inText, rankingText;
    int increment = 1;
    std::optional<Expression> out;
    std::optional<Expression> in;
    std::optional<Expression> ranking;
};

// What is seen of a pool. Nodes that drain or are dead do not count.
struct PoolCounts
{
    int floor = 0;    // what the plan wants now
    int ceiling = 0;  // the most it allows
    Duration leadTime{0};
    int inService = 0;
    int onTheirWay = 0;
    int unheard = 0;            // in service, without fresh figures
    int withoutPublishers = 0;  // in service
};

struct PoolSight : PoolCounts
{
    MetricTable metrics;  // of those in service that are heard
};

// A change of what a policy wants, with the formula that made it and its values.
struct ScaleStep
{
    int from = 0;
    int to = 0;
    std::string shown;
    int refused = 0;                          // nodes beyond `to` that the formula wants and the plan does not allow
    std::vector<DecisionFact> rejected = {};  // terms of the formula that did not decide
};

// How many nodes the expressions of a rule want beyond the plan, as Stream Manager 2.0 says it (outExpression adds
// `increment` nodes, inExpression takes them away, between the plan's bounds), with what keeps that from swinging:
// - Out: nodes that are on their way count as idle ones, so that nothing is ordered twice; increments are added until
//   the expression would be false with them, all in one step. If not even countless idle nodes made it false (a
//   maximum, a sum), one increment is added, and the next one when those are in service.
// - In: when inExpression was true for 300 s, or two lead times, at most a tenth of the nodes (at least one) leaves
//   each minute. Never while a node in service is unheard or others are on their way, never a node with publishers,
//   and never if outExpression were true with the same load on the nodes that stay.
class ScalePolicy
{
public:
    static constexpr Duration calmTime{300'000};
    static constexpr Duration paceOfLeaving{60'000};

    // Nodes that are there when it begins and that the plan does not explain are taken for wanted.
    ScalePolicy(ScaleExpressions expressions, const PoolSight& sight);

    const ScaleExpressions& expressions() const { return m_expressions; }
    bool isOf(const ScaleRule& rule) const { return !rule.load && m_expressions.isOf(rule); }

    // The plan's bounds changed. A floor that falls leaves what outExpression would ask back at once.
    void follow(const PoolSight& sight);

    // The figures are new; time is that of the last call or later.
    std::optional<ScaleStep> decide(const PoolSight& sight, TimePoint now);

    // Nodes that are wanted whatever the plan's floor; 0: no more than that.
    int demand() const { return m_demand; }
    int lastFloor() const { return m_floor; }
    int lastCeiling() const { return m_ceiling; }
    // The expression that asked for the demand, with its values then.
    const std::string& shown() const { return m_shown; }
    // Why nothing comes or leaves although an expression may want it, as the end of a sentence, with its full stop;
    // empty if nothing is in the way.
    const std::string& obstacle() const { return m_obstacle; }

private:
    int size() const;
    void setDemand(int demand);
    std::optional<ScaleStep> stepOut(const PoolSight& sight);
    std::optional<ScaleStep> stepIn(const PoolSight& sight, TimePoint now);
    bool isCalm(const PoolSight& sight, TimePoint now);
    bool wouldGrow(const MetricTable& metrics) const;

    ScaleExpressions m_expressions;
    int m_demand = 0;
    int m_floor = 0;
    int m_ceiling = 0;
    std::string m_shown;
    std::string m_obstacle;
    std::optional<TimePoint> m_calmSince;
    std::optional<TimePoint> m_lastLeft;
};

}  // namespace headgate
