#pragma once

#include "core/media/hub/loop_group.h"
#include "core/media/hub/session_gate.h"
#include "core/media/net/log.h"

namespace headgate {

// What happens to those who are here while the node takes nobody new: they leave as they like, players that can
// reconnect are sent to other nodes once there are some, and if a deadline was set it ends whoever is left. Belongs to
// the main loop's thread.
class Drain
{
public:
    // A part of the players is asked each second, so that they do not all arrive elsewhere at once.
    static constexpr int rounds = 10;

    Drain(LoopGroup& loops, SessionGate& gate, const Log& log);

    void obey(const node_protocol::SetPolicy& wish);

private:
    void askSome();
    void endSessions();

    LoopGroup& m_loops;
    SessionGate& m_gate;
    const Log& m_log;
    Alternates m_alternates;
    int m_round = 0;
    Timer m_second;
    Timer m_deadline;
};

}  // namespace headgate
