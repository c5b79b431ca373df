#include "core/engine/replacement_budget.h"

#include <algorithm>

namespace headgate {

int ReplacementBudget::take(int missing, int size, Pace pace, TimePoint now)
{
    constexpr int fewestAtOnce = 3;
    const std::int64_t rate = perMinute(size) * (pace == Pace::Full ? 10 : 1);
    m_spent = std::max<std::int64_t>(0, m_spent - rate * std::max<std::int64_t>(0, (now - m_at).count()));
    m_at = now;
    m_owed = std::min(m_owed, missing);
    const std::int64_t most = std::max(size, fewestAtOnce) * oneNode;
    const int replaced = static_cast<int>(std::clamp<std::int64_t>((most - m_spent) / oneNode, 0, m_owed));
    m_spent += replaced * oneNode;
    m_owed -= replaced;
    m_withheld = m_owed;
    if (m_withheld > 0)
        m_nextAt = now + Duration((m_spent + oneNode - most + rate - 1) / rate);
    return missing - m_withheld;
}

}  // namespace headgate
