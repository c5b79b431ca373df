#include "core/media/net/merge_window.h"

#include <algorithm>

namespace headgate {

void MergeWindow::look()
{
    constexpr int busyPercent = 60;
    constexpr int quietPercent = 25;  // less than half of the other: a step must not lead from one to the other
    constexpr int quietLooksToShrink = 4;
    constexpr Duration growth{20};
    constexpr Duration shrinkage{10};
    const bool isBusy = m_worked * 100 >= m_elapsed * busyPercent;
    const bool isQuiet = m_worked * 100 <= m_elapsed * quietPercent;
    m_worked = m_elapsed = std::chrono::nanoseconds::zero();
    m_quietLooks = isQuiet ? m_quietLooks + 1 : 0;
    if (isBusy)
        m_automatic = std::min(m_automatic + growth, longestAutomatic);
    if (m_quietLooks < quietLooksToShrink)
        return;
    m_quietLooks = 0;
    m_automatic = std::max(m_automatic - shrinkage, Duration::zero());
}

}  // namespace headgate
