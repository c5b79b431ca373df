#include "core/engine/lead_times.h"

#include <algorithm>
#include <vector>

namespace headgate {

void LeadTimes::add(const Key& key, Duration boot)
{
    std::deque<Duration>& boots = m_boots[key];
    boots.push_back(boot);
    if (boots.size() > mostBoots)
        boots.pop_front();
}

Duration LeadTimes::of(const Key& key, Duration otherwise) const
{
    constexpr Duration heartbeat{1'000};
    const auto known = m_boots.find(key);
    if (known == m_boots.end())
        return otherwise;
    std::vector<Duration> boots(known->second.begin(), known->second.end());
    std::ranges::sort(boots);
    const std::size_t rank = (boots.size() * 95 + 99) / 100;
    return std::clamp(boots[rank - 1] + heartbeat, shortest, longest);
}

}  // namespace headgate
