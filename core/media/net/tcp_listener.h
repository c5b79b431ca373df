#pragma once

#include "core/media/net/event_loop.h"
#include "core/media/net/socket.h"

#include <functional>

namespace headgate {

// Accepts connections and hands each over, non-blocking and tuned. When there are no descriptors or no memory for one,
// it says so and rests for a moment instead of spinning.
class TcpListener
{
public:
    using Accepted = std::function<void(Socket)>;
    using Exhausted = std::function<void(int errorNumber)>;

    // Takes a socket from listenOn().
    TcpListener(EventLoop& loop, Socket listening, Accepted onAccepted, Exhausted onExhausted = {});
    ~TcpListener();

    SocketAddress address() const { return localAddress(m_socket); }

private:
    void acceptWaiting();

    EventLoop& m_loop;
    Socket m_socket;
    Accepted m_onAccepted;
    Exhausted m_onExhausted;
    Timer m_rest;
};

}  // namespace headgate
