#pragma once

#include "core/base/time.h"

#include <cstdint>

namespace headgate {

// How regularly one node is heard, and what its silence means by that: phi is the negative decimal logarithm of the
// chance that a heartbeat which still comes is so late (a phi-accrual failure detector), if lateness is distributed
// normally. Integers, so that every compiler decides alike. Not thread-safe.
class Pulse
{
public:
    static constexpr Duration interval{1'000};  // of heartbeats, by the node protocol
    static constexpr Duration toleratedPause{1'500};
    static constexpr Duration longestMean{2'000};
    static constexpr Duration leastDeviation{100};
    static constexpr Duration mostDeviation{500};
    static constexpr int highestPhi = 16;

    // A heartbeat came so long after the one before it. What comes early says nothing about lateness.
    void learn(Duration sinceLast);

    // The shortest silence of that phi, 1 to highestPhi.
    Duration silenceAt(int phi) const;

    // Of such a silence, rounded down; 0 to highestPhi.
    int phiOf(Duration silence) const;

private:
    std::int64_t m_meanUs = 1'000'000;
    std::int64_t m_deviationUs = 0;
};

}  // namespace headgate
