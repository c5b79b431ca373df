#pragma once

#include "core/media/net/connection.h"

#include <memory>

namespace headgate {

// Comes to a port of this node as a client does, and waits for a first answer. Whether it is let in does not matter: a
// node that is full answers too. Must outlive the calls of its loop: end it with EventLoop::retire().
class PortProbe final : private ConnectionOwner
{
public:
    enum class State
    {
        Waiting,
        Answered,
        Refused
    };

    PortProbe(EventLoop& loop, const SocketAddress& address, Bytes greeting);

    State state() const { return m_state; }

private:
    void connectionReady() override;
    void bytesReceived(ByteView bytes) override;
    void connectionEnded(std::string_view reason) override;

    State m_state = State::Waiting;
    bool m_isConnected = false;
    Bytes m_greeting;
    std::unique_ptr<Connection> m_connection;  // null: there was nobody
};

}  // namespace headgate
