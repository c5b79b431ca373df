#include "core/media/http/server.h"

namespace headgate::http_flv {

Server::Server(ServerContext context, Socket listening, std::size_t mostSessions)
    : m_context(context),
      m_mostSessions(mostSessions),
      m_listener(context.loops.home().loop(), std::move(listening),
                 [this](Socket socket) { accept(std::move(socket)); })
{}

void Server::accept(Socket socket)
{
    if (m_context.loops.sessionCount() >= m_mostSessions) {
        if (!m_isRefusing)
            m_context.log.warning("http: connections are refused, " + std::to_string(m_mostSessions) + " are open");
        m_isRefusing = true;
        return;
    }
    m_isRefusing = false;
    m_context.loops.add(std::make_unique<ServerSession>(m_context, std::move(socket)));
}

}  // namespace headgate::http_flv
