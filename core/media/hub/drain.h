#pragma once

#include "core/domain/drain_pace.h"
#include "core/media/hub/loop_group.h"
#include "core/media/hub/session_gate.h"
#include "core/media/net/log.h"

#include <optional>

namespace headgate {

// What happens to those who are here while the node takes nobody new: they leave as they like, players that can
// reconnect are sent to other nodes once there are some, viewers who stay are ended bit by bit, and if a deadline was
// set it ends whoever is left. Belongs to the main loop's thread.
class Drain
{
public:
    // A part of the players is asked each second, so that they do not all arrive elsewhere at once.
    static constexpr int rounds = 10;

    // Without a pace viewers may stay: those of a node with publishers, whose end is not theirs to wait for.
    Drain(LoopGroup& loops, SessionGate& gate, const Log& log, std::optional<DrainPace> pace);

    void obey(const node_protocol::SetPolicy& wish);

private:
    void askSome();
    void sendSomeAway();
    void endSessions();

    LoopGroup& m_loops;
    SessionGate& m_gate;
    const Log& m_log;
    const std::optional<DrainPace> m_pace;
    Alternates m_alternates;
    int m_round = 0;
    std::optional<MonotonicTime> m_since;  // it drains
    Session::Id m_roundAway = 0;
    Timer m_second;
    Timer m_away;
    Timer m_deadline;
};

}  // namespace headgate
