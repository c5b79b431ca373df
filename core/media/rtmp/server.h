#pragma once

#include "core/media/net/tcp_listener.h"
#include "core/media/rtmp/server_session.h"

#include <map>
#include <memory>

namespace headgate::rtmp {

// Takes RTMP publishers, viewers and children on one listening socket.
class Server
{
public:
    Server(ServerContext context, Socket listening, std::size_t mostSessions);

    SocketAddress address() const { return m_listener.address(); }
    std::size_t sessionCount() const { return m_sessions.size(); }

private:
    void accept(Socket socket);
    void tick();

    ServerContext m_context;
    std::size_t m_mostSessions;
    bool m_wasDraining = false;
    bool m_isRefusing = false;  // told once until there is room again
    std::map<const ServerSession*, std::unique_ptr<ServerSession>> m_sessions;
    TcpListener m_listener;
    Timer m_second;
};

}  // namespace headgate::rtmp
