#pragma once

#include <chrono>

namespace headgate {

// After a pause of the control plane (a stopped machine, a slow disk) heartbeats are old through no fault of their
// nodes: they get the chance to be heard before anything is concluded. For whoever drives the engine, once a round;
// `Time` is of a clock that is never set.
template <typename Time>
class HearingGrace
{
public:
    static constexpr std::chrono::seconds longestRound{3};
    static constexpr std::chrono::seconds hearingTime{2};

    explicit HearingGrace(Time now) : m_lastRound(now), m_until(now) {}

    void beginRound(Time now)
    {
        if (now - m_lastRound > longestRound)
            m_until = now + hearingTime;
    }

    void endRound(Time now) { m_lastRound = now; }

    // Engine::advance() is not called before.
    Time until() const { return m_until; }

private:
    Time m_lastRound;
    Time m_until;
};

}  // namespace headgate
