#include "core/engine/replacement_budget.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr int fewestAtOnce = 3;
constexpr int fewestOfFleet = 16;
constexpr int tenthsOfNode = 10;  // of NodeAllowance::oneNode a millisecond, for one node a minute

}  // namespace

void NodeAllowance::settle(int most, std::int64_t perMs, TimePoint now)
{
    m_most = most * oneNode;
    m_perMs = perMs;
    m_spent = std::max<std::int64_t>(0, m_spent - perMs * std::max<std::int64_t>(0, (now - m_at).count()));
    m_at = now;
}

int NodeAllowance::left() const
{
    return static_cast<int>(std::max<std::int64_t>(0, (m_most - m_spent) / oneNode));
}

TimePoint NodeAllowance::nextAt() const
{
    return m_at + Duration(std::max<std::int64_t>(0, (m_spent + oneNode - m_most + m_perMs - 1) / m_perMs));
}

void ReplacementBudget::settleFleet(NodeAllowance& fleet, int nodes, TimePoint now)
{
    fleet.settle(std::max(nodes / 2, fewestOfFleet), perMinute(nodes) * tenthsOfNode, now);
}

int ReplacementBudget::take(int missing, int size, Pace pace, NodeAllowance& fleet, TimePoint now)
{
    m_allowance.settle(std::max(size, fewestAtOnce), perMinute(size) * (pace == Pace::Full ? tenthsOfNode : 1), now);
    m_owed = std::min(m_owed, missing);
    const int replaced = std::min({m_owed, m_allowance.left(), fleet.left()});
    m_allowance.spend(replaced);
    fleet.spend(replaced);
    m_owed -= replaced;
    m_withheld = m_owed;
    if (m_withheld > 0) {
        m_nextAt = now;
        if (m_allowance.left() == 0)
            m_nextAt = m_allowance.nextAt();
        if (fleet.left() == 0)
            m_nextAt = std::max(m_nextAt, fleet.nextAt());
    }
    return missing - m_withheld;
}

}  // namespace headgate
