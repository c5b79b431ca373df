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
        m_context.log.client("http " + toText(peerAddress(socket)) + ": refused: " + std::to_string(m_mostSessions) +
                             " sessions are open");
        return;
    }
    m_context.loops.add(std::make_unique<ServerSession>(m_context, std::move(socket)));
}

}  // namespace headgate::http_flv
