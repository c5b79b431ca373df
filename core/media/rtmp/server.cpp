#include "core/media/rtmp/server.h"

namespace headgate::rtmp {

Server::Server(ServerContext context, Socket listening, std::size_t mostSessions)
    : m_context(context),
      m_mostSessions(mostSessions),
      m_listener(context.loops.home().loop(), std::move(listening),
                 [this](Socket socket) { accept(std::move(socket), nullptr); }),
      m_second(context.loops.home().loop())
{
    constexpr Duration period{1000};
    m_second.startRepeating(period, [this] {
        m_context.gate.endAbandoned(m_context.loops.home().loop().now());
        m_context.log.tellLeftOut();
        refreshCertificate();
    });
}

void Server::listenSecurely(Socket listening, TlsCertificate certificate)
{
    m_certificate = std::move(certificate);
    m_secureListener.emplace(m_context.loops.home().loop(), std::move(listening),
                             [this](Socket socket) { accept(std::move(socket), m_certificate->context().accept()); });
}

std::optional<SocketAddress> Server::secureAddress() const
{
    return m_secureListener ? std::optional(m_secureListener->address()) : std::nullopt;
}

void Server::refreshCertificate()
{
    if (!m_certificate)
        return;
    const auto refreshed = m_certificate->refresh();
    if (!refreshed)
        m_context.log.warning("rtmps: the certificate stays as it was: " + refreshed.error().message);
    else if (*refreshed)
        m_context.log.info("rtmps: the certificate was read again");
}

void Server::accept(Socket socket, std::unique_ptr<TlsStream> tls)
{
    if (m_context.loops.sessionCount() >= m_mostSessions) {
        m_context.log.client("rtmp " + toText(peerAddress(socket)) + ": refused: " + std::to_string(m_mostSessions) +
                             " sessions are open");
        return;
    }
    m_context.loops.add(std::make_unique<ServerSession>(m_context, std::move(socket), std::move(tls)));
}

}  // namespace headgate::rtmp
