#pragma once

#include <chrono>
#include <cstdint>

namespace headgate {

// When a media timestamp is to be shown. Follows the fastest arrival of the last seconds: a burst of cached pictures at
// the start does not put the player behind. What came too late is played all the same, and made good by playing a
// little faster from there on. Media times in microseconds.
class PlayoutClock
{
public:
    using Instant = std::chrono::steady_clock::time_point;
    using MediaTime = std::chrono::microseconds;

    static constexpr double catchUpSpeed = 1.05;
    static constexpr std::chrono::seconds mostLag{2};

    explicit PlayoutClock(std::chrono::milliseconds buffer) : m_buffer(buffer) {}

    // A packet of decoding time `time` came at `now`. A jump of more than 5 s starts the clock anew and returns true:
    // times from before it mean nothing any more.
    bool packetArrived(MediaTime time, Instant now);

    // What came last is to be played. If it was due before `now`, all is due later by as much, mostLag at most.
    void waitFor(MediaTime time, Instant now);

    // No longer than until `time`, which becomes due at `now` unless it was already.
    void skipTo(MediaTime time, Instant now);

    // Earlier than the packets' arrival for those that came in the first burst. Needs one arrival before.
    Instant dueAt(MediaTime time) const;

    // At which it is played then: catchUpSpeed or 1.
    double speedAt(Instant instant) const { return lagAt(instant) > Lag::zero() ? catchUpSpeed : 1; }

    // The newest media time that came.
    MediaTime newest() const { return m_newest; }
    bool isRunning() const { return m_isRunning; }

private:
    using Lag = std::chrono::microseconds;

    void restart(MediaTime time, Instant now);
    void setLag(Lag lag, Instant now);
    Lag lagAt(Instant instant) const;
    std::chrono::microseconds fastest() const;
    Instant onTime(MediaTime time) const { return Instant(fastest() + time + m_buffer); }

    // Offsets from media time to steady time; each window is 5 s long.
    std::chrono::milliseconds m_buffer;
    std::chrono::microseconds m_fastestBefore{0};
    std::chrono::microseconds m_fastestNow{0};
    Instant m_windowStart;
    Lag m_lag{0};  // at m_lagSince; from then on it shrinks
    Instant m_lagSince;
    MediaTime m_newest{0};
    bool m_isRunning = false;
};

}  // namespace headgate
