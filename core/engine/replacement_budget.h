#pragma once

#include "core/base/time.h"

#include <cstdint>

namespace headgate {

// So many nodes at once, and more as time passes. Times do not run backwards but for a clock that is set: then no time
// has passed.
class NodeAllowance
{
public:
    static constexpr std::int64_t oneNode = 600'000;  // so that each pace is a whole number per millisecond

    // How it is from now on: `most` at once, and `perMs` of oneNode come back each millisecond.
    void settle(int most, std::int64_t perMs, TimePoint now);

    int left() const;
    void spend(int nodes) { m_spent += nodes * oneNode; }
    // When one more is left.
    TimePoint nextAt() const;

private:
    std::int64_t m_most = 0;
    std::int64_t m_perMs = 1;
    std::int64_t m_spent = 0;
    TimePoint m_at;
};

// How fast nodes that were lost are replaced in one pool. A pool is one role in one place, so all of it may be lost
// with that place: so many (at least 3) are replaced at once. What is lost again is replaced at a tenth of the pool
// (at least one) a minute, since nodes that keep dying are not helped by more of them. All pools together keep to a
// budget of the fleet as well: half of all nodes (at least 16) at once, and a tenth of them a minute, so that losses
// spread over many small pools have a bound too. Nodes that are wanted for another reason are not counted.
class ReplacementBudget
{
public:
    enum class Pace
    {
        Full,
        Tenth  // a tenth of it, while the pool's region is degraded
    };

    void noteLoss() { ++m_owed; }
    void noteReturn() { m_owed = m_owed > 0 ? m_owed - 1 : 0; }

    // Of `missing` nodes in a pool that is to have `size`, how many may be started now; they count as started, in the
    // fleet's allowance as well.
    int take(int missing, int size, Pace pace, NodeAllowance& fleet, TimePoint now);

    // That were to be started when it was asked last and had to wait, and when the next one may.
    int withheld() const { return m_withheld; }
    TimePoint nextAt() const { return m_nextAt; }

    static int perMinute(int size) { return size / 10 > 1 ? size / 10 : 1; }
    static void settleFleet(NodeAllowance& fleet, int nodes, TimePoint now);

private:
    int m_owed = 0;  // lost, and not replaced
    NodeAllowance m_allowance;
    int m_withheld = 0;
    TimePoint m_nextAt;
};

}  // namespace headgate
