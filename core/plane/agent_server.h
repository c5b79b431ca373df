#pragma once

#include "core/base/result.h"
#include "core/engine/engine.h"
#include "core/plane/node_traffic.h"
#include "core/plane/open_questions.h"
#include "core/plane/server_tls.h"
#include "core/wire/node_protocol.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace headgate {

// Where nodes come to over a network, by TLS on both sides.
struct AgentNetwork
{
    std::string address;                           // IPv4 or IPv6 literal
    std::uint16_t port = 0;                        // 0 = any free one
    std::shared_ptr<ServerTls> tls;                // for TlsClients::Certified
    std::function<void(const NodeId&)> renew;      // gives the node a new certificate; asked each third of its lifetime
    std::function<void(const std::string&)> tell;  // hears who is refused, a line a second at most
};

struct AgentServerOptions
{
    std::string socketPath;
    std::function<std::string(const NodeId&)> credentialOf;
    std::function<std::string(const NodeId&)> pullTokenOf;
    // NodeConnected, NodeDisconnected and NodeHeartbeat, in the order of the events, on the server's thread. Of several
    // heartbeats that came together only the last is told.
    std::function<void(Observation)> onObservation;
    std::optional<AgentNetwork> network{};
    NodeTraffic* traffic = nullptr;  // counts; outlives the server
};

// The control plane's end of the node protocol on a Unix socket, and on a network if that is wished for: there a node
// has to show the certificate that was issued to it, and no other one's. Answers a Hello that holds with Welcome, any
// other with Refused. One connection a node: a Hello of the same or a newer incarnation ends the earlier one. At most
// 10,000 connections, and on the network 2,000 more of strangers, 200 of one address; who says no Hello within 5 s is
// disconnected.
class AgentServer
{
public:
    // Replaces a socket that an earlier process has left. Unavailable if it cannot listen.
    static Result<std::unique_ptr<AgentServer>> listen(AgentServerOptions options);
    ~AgentServer();

    std::uint16_t networkPort() const;  // as bound; 0 without a network

    // From any thread. Dropped if the node is not connected: everything is told again after its next Welcome.
    void send(const NodeId& node, const node_protocol::ToNode& message);

    // From any thread. Answered on the server's thread, which must not be held up: with what the node says, or with
    // Unavailable if it is not connected, goes, or says nothing for OpenQuestions::patience.
    void ask(NodeQuestion question);

private:
    class Private;
    explicit AgentServer(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
