#pragma once

#include "core/media/net/event_loop.h"
#include "core/media/net/socket.h"

#include <functional>

namespace headgate {

// Accepts connections and hands each over, non-blocking and tuned. When the process is out of descriptors it rests
// for a moment instead of spinning.
class TcpListener
{
public:
    using Accepted = std::function<void(Socket)>;

    // Takes a socket from listenOn().
    TcpListener(EventLoop& loop, Socket listening, Accepted onAccepted);
    ~TcpListener();

    SocketAddress address() const { return localAddress(m_socket); }

private:
    void acceptWaiting();

    EventLoop& m_loop;
    Socket m_socket;
    Accepted m_onAccepted;
    Timer m_rest;
};

}  // namespace headgate
