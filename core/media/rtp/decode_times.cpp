#include "core/media/rtp/decode_times.h"

#include <algorithm>
#include <cstdlib>

namespace headgate {

void DecodeTimes::setDepth(std::optional<int> depth)
{
    m_depth = std::clamp(depth.value_or(0), 0, mostDepth);
    m_last.reset();
}

void DecodeTimes::begin(std::int64_t time)
{
    constexpr std::int64_t usualPictureMs = 33;
    m_waiting.clear();
    m_shown.clear();
    m_last.reset();
    for (int i = m_depth; i > 0; --i)
        m_waiting.insert(time - i * usualPictureMs);
}

std::uint32_t DecodeTimes::next(std::uint32_t shownAtMs)
{
    constexpr std::int64_t jump = 2000;
    const std::int64_t time =
        m_reference + static_cast<std::int32_t>(shownAtMs - static_cast<std::uint32_t>(m_reference));
    if (!m_last || std::abs(time - m_reference) > jump)
        begin(time);
    m_reference = time;
    const auto early =
        std::count_if(m_shown.begin(), m_shown.end(), [time](std::int64_t other) { return other > time; });
    m_depth = std::min(std::max(m_depth, static_cast<int>(early)), mostDepth);
    m_shown.push_back(time);
    if (m_shown.size() > mostDepth)
        m_shown.pop_front();
    m_waiting.insert(time);
    std::int64_t decodeAt = m_last.value_or(time - 1) + 1;
    if (m_waiting.size() > static_cast<std::size_t>(m_depth)) {
        const auto first = m_waiting.begin();
        decodeAt = m_last ? std::max(*first, *m_last + 1) : *first;
        m_waiting.erase(first);
    }
    m_last = decodeAt;
    return static_cast<std::uint32_t>(decodeAt);
}

}  // namespace headgate
