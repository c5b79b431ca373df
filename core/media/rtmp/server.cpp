#include "core/media/rtmp/server.h"

namespace headgate::rtmp {

Server::Server(ServerContext context, Reception& reception, Socket listening)
    : m_context(context),
      m_reception(reception),
      m_listener(
          context.loops.home().loop(), std::move(listening),
          [this](Socket socket) { accept(std::move(socket), nullptr); },
          [this](int error) { m_reception.tellExhausted(error); }),
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
    m_secureListener.emplace(
        m_context.loops.home().loop(), std::move(listening),
        [this](Socket socket) { accept(std::move(socket), m_certificate->context().accept()); },
        [this](int error) { m_reception.tellExhausted(error); });
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
    if (auto seat = m_reception.admit("rtmp", socket))
        m_context.loops.add(std::make_unique<ServerSession>(m_context, std::move(socket), std::move(tls)),
                            std::move(seat));
}

}  // namespace headgate::rtmp
