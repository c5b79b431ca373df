#pragma once

#include "core/media/http/server_session.h"
#include "core/media/net/tcp_listener.h"

#include <map>
#include <memory>

namespace headgate::http_flv {

// Serves HTTP-FLV and health on one listening socket.
class Server
{
public:
    Server(ServerContext context, Socket listening, std::size_t mostSessions);

    SocketAddress address() const { return m_listener.address(); }
    std::size_t sessionCount() const { return m_sessions.size(); }

private:
    void accept(Socket socket);

    ServerContext m_context;
    std::size_t m_mostSessions;
    bool m_isRefusing = false;  // told once until there is room again
    std::map<const ServerSession*, std::unique_ptr<ServerSession>> m_sessions;
    TcpListener m_listener;
};

}  // namespace headgate::http_flv
