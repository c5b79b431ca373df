#pragma once

#include "core/base/result.h"
#include "core/engine/engine.h"
#include "core/plane/open_questions.h"
#include "core/wire/node_protocol.h"

#include <functional>
#include <memory>
#include <string>

namespace headgate {

struct AgentServerOptions
{
    std::string socketPath;
    std::function<std::string(const NodeId&)> credentialOf;
    std::function<std::string(const NodeId&)> pullTokenOf;
    // NodeConnected, NodeDisconnected and NodeHeartbeat, in the order of the events, on the server's thread. Of several
    // heartbeats that came together only the last is told.
    std::function<void(Observation)> onObservation;
};

// The control plane's end of the node protocol on a Unix socket. Answers a Hello that holds with Welcome, any other
// with Refused. One connection a node: a Hello of the same or a newer incarnation ends the earlier one.
// At most 10,000 connections; who says no Hello within 5 s is disconnected.
class AgentServer
{
public:
    // Replaces a socket that an earlier process has left. Unavailable if it cannot listen.
    static Result<std::unique_ptr<AgentServer>> listen(AgentServerOptions options);
    ~AgentServer();

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
