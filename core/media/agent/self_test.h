#pragma once

#include "core/media/agent/port_probe.h"
#include "core/media/hub/loop_group.h"
#include "core/media/relay/relay.h"
#include "core/wire/node_protocol.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace headgate {

// Whether this node can serve, found out by trying: its ports answer a client, each of its loops takes part, and,
// before it serves anybody, a node that pulls gets something of one of the streams that it is told to pull, for which
// it has 30 s: then the fault may be theirs. Tried again and again: four times a second until all of it was well once,
// then every 10 s, where two failures in a row count. Belongs to the main loop's thread.
class SelfTest
{
public:
    struct Parts
    {
        EventLoop& loop;  // the main one
        LoopGroup& loops;
        Hub& hub;
        Relay& relay;
    };

    // `pulls`: what it serves comes from other nodes. `onChange` is called when unready() changed.
    SelfTest(const Parts& parts, const NodeEndpoints& own, bool pulls, std::function<void()> onChange);
    ~SelfTest();

    // Why it cannot serve, in a sentence; empty if it can.
    const std::string& unready() const { return m_unready; }

    // The control plane is there: from now on a table is waited for, if there is none.
    void welcomed();
    void setTable(const node_protocol::AssignParents& table);

private:
    // One try, under way.
    struct Round
    {
        std::unique_ptr<PortProbe> rtmp;
        std::unique_ptr<PortProbe> http;
        std::shared_ptr<int> loopsThere;
        MonotonicTime since;
    };

    void tick();
    void beginRound();
    void endRound();
    bool isRoundOver() const;
    std::string findFault() const;
    std::string tryPull();
    void setUnready(std::string why);

    Parts m_parts;
    NodeEndpoints m_own;
    std::function<void()> m_onChange;
    std::string m_unready = "It has not tried itself yet.";
    bool m_wasReady = false;
    int m_failures = 0;  // in a row
    std::optional<Round> m_round;
    MonotonicTime m_nextRound;

    bool m_hasPulled;
    std::optional<MonotonicTime> m_welcomedAt;
    std::optional<std::vector<node_protocol::StreamParents>> m_table;
    std::size_t m_place = 0;  // in the table: the stream that is tried
    MonotonicTime m_placeSince;
    Timer m_timer;
};

}  // namespace headgate
