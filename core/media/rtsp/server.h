#pragma once

#include "core/media/hub/reception.h"
#include "core/media/net/tcp_listener.h"
#include "core/media/rtsp/server_session.h"

namespace headgate::rtsp {

// Takes RTSP publishers and viewers on one listening socket.
class Server
{
public:
    Server(LoopGroup& loops, SessionGate& gate, const Log& log, Reception& reception, Socket listening);

    SocketAddress address() const { return m_listener.address(); }

    // Of the streams that have one of their own, for clients from now on.
    void setLogins(Logins logins) { m_logins = std::move(logins); }

private:
    Logins m_logins;
    ServerContext m_context;
    Reception& m_reception;
    TcpListener m_listener;
};

}  // namespace headgate::rtsp
