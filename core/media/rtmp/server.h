#pragma once

#include "core/media/net/tcp_listener.h"
#include "core/media/rtmp/server_session.h"

namespace headgate::rtmp {

// Takes RTMP publishers, viewers and children on one listening socket.
class Server
{
public:
    Server(ServerContext context, Socket listening, std::size_t mostSessions);

    SocketAddress address() const { return m_listener.address(); }

private:
    void accept(Socket socket);

    ServerContext m_context;
    std::size_t m_mostSessions;
    bool m_isRefusing = false;  // told once until there is room again
    TcpListener m_listener;
    Timer m_second;
};

}  // namespace headgate::rtmp
