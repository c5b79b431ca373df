#pragma once

#include "core/base/time.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace headgate {

// What the stamps in a stream told about one picture when it came out of the decoder.
struct PictureStamps
{
    bool isLive = false;                // false: one of the cached pictures that lead up to the live one
    std::optional<TimePoint> drawnAt;   // read out of the picture itself
    std::optional<Duration> transport;  // from the stamp beside the picture (SEI) to its decoding
};

enum class LatencyState
{
    Unknown,  // no picture yet
    NoStamp,
    Measured,
    ClocksDiffer  // a stamp from the future, or from more than a minute ago
};

struct LatencyFigures
{
    Duration now{0};
    Duration least{0};
    Duration median{0};
    Duration p95{0};  // median and p95 by nearest rank
    Duration most{0};
    std::size_t pictures = 0;  // measured; 0: the figures say nothing

    bool operator==(const LatencyFigures&) const = default;
};

// The latencies of the last five minutes. Counts only what can be true: a stamp that tells less than nothing or more
// than a minute changes the state and no figure.
class LatencyHistory
{
public:
    static constexpr Duration span = std::chrono::minutes(5);
    static constexpr Duration longest = std::chrono::minutes(1);

    // A picture at `now`, which must not go back: a clock that was put back starts a new history.
    void add(TimePoint now, std::optional<Duration> latency);

    // By the newest picture. A stamp that could not be read for less than 2 s does not count.
    LatencyState state() const { return m_state; }
    LatencyFigures figures() const;

    // The median of each second from 5 min before the newest picture on, oldest first; none where nothing was measured.
    std::vector<std::optional<Duration>> secondBySecond() const;

private:
    struct Sample
    {
        TimePoint at;
        Duration latency;
    };

    std::deque<Sample> m_samples;
    std::optional<TimePoint> m_newest;
    TimePoint m_lastStamp;
    LatencyState m_state = LatencyState::Unknown;
};

}  // namespace headgate
