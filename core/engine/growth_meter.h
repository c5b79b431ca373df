#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <deque>

namespace headgate {

// How fast the viewers of a pool become more: the faster of two moving averages, over 15 s and over 60 s. Growth that
// could as well be the noise of coming and going (twice its deviation over 15 s) is none, and so is growth that has
// ended: what the last 15 s alone show has to be more than noise as well.
class GrowthMeter
{
public:
    // Of whom `joined` were sent here since the last time. A gap of a minute begins anew.
    void add(std::int64_t viewers, std::int64_t joined, TimePoint now);

    // In thousandths of a viewer per second, 0 to 10^8.
    std::int64_t milliPerSecond() const;

private:
    struct Sample
    {
        TimePoint at;
        std::int64_t viewers = 0;
        std::int64_t moved = 0;  // came or went since the one before
    };

    bool isRising() const;

    std::deque<Sample> m_samples;  // of the last 15 s, oldest first
    std::int64_t m_fast = 0;       // thousandths per second, as those below
    std::int64_t m_slow = 0;
    std::int64_t m_moves = 0;  // comings and goings
};

}  // namespace headgate
