#include "core/media/rtmp/server.h"

#include <utility>

namespace headgate::rtmp {

Server::Server(ServerContext context, Socket listening, std::size_t mostSessions)
    : m_context(context),
      m_mostSessions(mostSessions),
      m_listener(context.loop, std::move(listening), [this](Socket socket) { accept(std::move(socket)); }),
      m_second(context.loop)
{
    constexpr Duration period{1000};
    m_second.startRepeating(period, [this] { tick(); });
}

void Server::tick()
{
    m_context.gate.endAbandoned(m_context.loop.now());
    const bool wasDraining = std::exchange(m_wasDraining, m_context.gate.isDraining());
    if (wasDraining || !m_wasDraining)
        return;
    for (const auto& [key, session] : m_sessions)
        session->askToReconnect();
}

void Server::accept(Socket socket)
{
    if (m_sessions.size() >= m_mostSessions) {
        if (!m_isRefusing)
            m_context.log.warning("rtmp: connections are refused, " + std::to_string(m_mostSessions) + " are open");
        m_isRefusing = true;
        return;
    }
    m_isRefusing = false;
    auto session = std::make_unique<ServerSession>(m_context, std::move(socket), [this](ServerSession& ended) {
        auto node = m_sessions.extract(&ended);
        if (!node.empty())
            m_context.loop.retire(std::move(node.mapped()));
    });
    const ServerSession* const key = session.get();
    m_sessions.emplace(key, std::move(session));
}

}  // namespace headgate::rtmp
