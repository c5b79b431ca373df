#pragma once

#include "core/base/ids.h"
#include "core/plane/agent_tls.h"
#include "core/plane/client_shares.h"
#include "core/wire/node_protocol.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// One accepted connection of the agent server: its bytes in both directions. Owns the descriptor.
class AgentConnection
{
public:
    using Clock = std::chrono::steady_clock;

    enum class Progress
    {
        Open,
        Closed  // by the other side, by an error, or because a limit was passed
    };

    // `tls` null: a socket of this machine that only its owner can open.
    AgentConnection(int descriptor, std::unique_ptr<AgentTls> tls);
    ~AgentConnection();
    AgentConnection(const AgentConnection&) = delete;
    AgentConnection& operator=(const AgentConnection&) = delete;

    int descriptor() const { return m_descriptor; }
    const AgentTls* tls() const { return m_tls.get(); }
    // Its address, as it was when it came: one that has gone has none any more. Empty without TLS.
    const std::string& peer() const { return m_peer; }

    // Reads what is there, up to 256 KiB, and adds the JSON of each whole message to `messages`.
    Progress receive(std::vector<std::string>& messages);

    // Queues a framed message. Closed if more than 1 MiB waits already: whoever reads that slowly is not well.
    Progress queue(std::string_view frame);

    Progress flush();
    bool hasOutput() const { return m_sent < m_output.size(); }

    // Nothing more is read; the connection is to be closed once the output has left.
    bool isClosing = false;
    Clock::time_point openedAt = Clock::now();
    Clock::time_point renewAt{};  // a node of the network gets a new certificate then
    NodeId node;                  // empty until a Hello was accepted
    ClientShares::Place place;    // among strangers, if it came by the network and is one
    std::uint64_t incarnation = 0;

private:
    bool hear(std::string_view bytes);

    int m_descriptor;
    std::unique_ptr<AgentTls> m_tls;
    std::string m_peer;
    node_protocol::FrameReader m_reader;
    std::size_t m_receivedBeforeHello = 0;
    std::string m_output;
    std::size_t m_sent = 0;
};

}  // namespace headgate
