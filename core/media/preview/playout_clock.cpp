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
    setLag(Lag::zero(), now);
}

void PlayoutClock::setLag(Lag lag, Instant now)
{
    m_lag = std::clamp<Lag>(lag, Lag::zero(), mostLag);
    m_lagSince = now;
}

PlayoutClock::Lag PlayoutClock::lagAt(Instant instant) const
{
    const std::chrono::duration<double, std::micro> madeGood = (instant - m_lagSince) * (catchUpSpeed - 1);
    return std::max(Lag::zero(), m_lag - std::chrono::duration_cast<Lag>(madeGood));
}

std::chrono::microseconds PlayoutClock::fastest() const
{
    return std::min(m_fastestBefore, m_fastestNow);
}

bool PlayoutClock::packetArrived(MediaTime time, Instant now)
{
    if (!m_isRunning || time > m_newest + jump || time < m_newest - jump) {
        restart(time, now);
        return true;
    }
    const auto offset = sinceStart(now) - time;
    if (now - m_windowStart > window) {
        const auto fastestSoFar = fastest();
        m_fastestBefore = m_fastestNow;
        m_fastestNow = offset;
        m_windowStart = now;
        // The way has become slower: what was behind by that much is on time.
        if (fastest() > fastestSoFar)
            setLag(lagAt(now) - (fastest() - fastestSoFar), now);
    }
    m_fastestNow = std::min(m_fastestNow, offset);
    m_newest = std::max(m_newest, time);
    return false;
}

void PlayoutClock::waitFor(MediaTime time, Instant now)
{
    if (now > dueAt(time))
        setLag(std::chrono::duration_cast<Lag>(now - onTime(time)), now);
}

void PlayoutClock::skipTo(MediaTime time, Instant now)
{
    if (now < dueAt(time))
        setLag(std::chrono::duration_cast<Lag>(now - onTime(time)), now);
}

// 1 s behind at noon, with a speed of 1.05: what would be on time at noon + 2 s is due at d where d = 2 s + the lag
// that is left then = 2 s + 1 s - 0.05 d, so d = 3 s / 1.05.
PlayoutClock::Instant PlayoutClock::dueAt(MediaTime time) const
{
    const std::chrono::duration<double, std::micro> sinceLag = onTime(time) + m_lag - m_lagSince;
    return std::max(onTime(time), m_lagSince + std::chrono::duration_cast<Lag>(sinceLag / catchUpSpeed));
}

}  // namespace headgate
