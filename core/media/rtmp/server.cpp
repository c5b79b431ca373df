#include "core/media/rtmp/server.h"

namespace headgate::rtmp {

Server::Server(ServerContext context, Socket listening, std::size_t mostSessions)
    : m_context(context),
      m_mostSessions(mostSessions),
      m_listener(context.loops.home().loop(), std::move(listening),
                 [this](Socket socket) { accept(std::move(socket)); }),
      m_second(context.loops.home().loop())
{
    constexpr Duration period{1000};
    m_second.startRepeating(period, [this] { m_context.gate.endAbandoned(m_context.loops.home().loop().now()); });
}

void Server::accept(Socket socket)
{
    if (m_context.loops.sessionCount() >= m_mostSessions) {
        if (!m_isRefusing)
            m_context.log.warning("rtmp: connections are refused, " + std::to_string(m_mostSessions) + " are open");
        m_isRefusing = true;
        return;
    }
    m_isRefusing = false;
    m_context.loops.add(std::make_unique<ServerSession>(m_context, std::move(socket)));
}

}  // namespace headgate::rtmp
