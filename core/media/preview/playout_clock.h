#pragma once

#include <chrono>
#include <cstdint>

namespace headgate {

// When a media timestamp is to be shown. Follows the fastest arrival of the last seconds: a burst of cached pictures at
// the start does not put the player behind, a late packet does not move it. Media times in microseconds.
class PlayoutClock
{
public:
    using Instant = std::chrono::steady_clock::time_point;
    using MediaTime = std::chrono::microseconds;

    explicit PlayoutClock(std::chrono::milliseconds buffer) : m_buffer(buffer) {}

    // A packet of decoding time `time` came at `now`. A jump of more than 5 s starts the clock anew and returns true:
    // times from before it mean nothing any more.
    bool packetArrived(MediaTime time, Instant now);

    // Earlier than the packets' arrival for those that came in the first burst. Needs one arrival before.
    Instant dueAt(MediaTime time) const;

    // The newest media time that came.
    MediaTime newest() const { return m_newest; }
    bool isRunning() const { return m_isRunning; }

private:
    void restart(MediaTime time, Instant now);

    // Offsets from media time to steady time; each window is 5 s long.
    std::chrono::milliseconds m_buffer;
    std::chrono::microseconds m_fastestBefore{0};
    std::chrono::microseconds m_fastestNow{0};
    Instant m_windowStart;
    MediaTime m_newest{0};
    bool m_isRunning = false;
};

}  // namespace headgate
