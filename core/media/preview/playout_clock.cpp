#include "core/media/preview/playout_clock.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr std::chrono::seconds window{5};
constexpr std::chrono::seconds jump{5};

std::chrono::microseconds sinceStart(PlayoutClock::Instant instant)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(instant.time_since_epoch());
}

}  // namespace

void PlayoutClock::restart(MediaTime time, Instant now)
{
    m_fastestNow = m_fastestBefore = sinceStart(now) - time;
    m_windowStart = now;
    m_newest = time;
    m_isRunning = true;
}

bool PlayoutClock::packetArrived(MediaTime time, Instant now)
{
    if (!m_isRunning || time > m_newest + jump || time < m_newest - jump) {
        restart(time, now);
        return true;
    }
    const auto offset = sinceStart(now) - time;
    if (now - m_windowStart > window) {
        m_fastestBefore = m_fastestNow;
        m_fastestNow = offset;
        m_windowStart = now;
    }
    m_fastestNow = std::min(m_fastestNow, offset);
    m_newest = std::max(m_newest, time);
    return false;
}

PlayoutClock::Instant PlayoutClock::dueAt(MediaTime time) const
{
    return Instant(std::min(m_fastestBefore, m_fastestNow) + time + m_buffer);
}

}  // namespace headgate
