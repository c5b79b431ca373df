#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <optional>

namespace headgate {

// How fast nodes that were lost are replaced in one pool. A pool is one role in one place, so all of it may be lost
// with that place: so many (at least 3) are replaced at once. What is lost again is replaced at a tenth of the pool
// (at least one) a minute, since nodes that keep dying are not helped by more of them. Nodes that are wanted for
// another reason are not counted. Times do not run backwards but for a clock that is set: then no time has passed.
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

    // Of `missing` nodes in a pool that is to have `size`, how many may be started now; they count as started.
    int take(int missing, int size, Pace pace, TimePoint now);

    // That were to be started when it was asked last and had to wait, and when the next one may.
    int withheld() const { return m_withheld; }
    TimePoint nextAt() const { return m_nextAt; }

    static int perMinute(int size) { return size / 10 > 1 ? size / 10 : 1; }

private:
    static constexpr std::int64_t oneNode = 600'000;  // so that each pace is a whole number per millisecond

    int m_owed = 0;            // lost, and not replaced
    std::int64_t m_spent = 0;  // of what may be replaced at once
    TimePoint m_at;            // of m_spent
    int m_withheld = 0;
    TimePoint m_nextAt;
};

}  // namespace headgate
