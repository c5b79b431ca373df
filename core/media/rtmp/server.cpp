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
    });
}

void Server::listenSecurely(Socket listening, TlsCertificate certificate)
{
    m_secureListener.emplace(
        m_context.loops.home().loop(), std::move(listening), std::move(certificate), m_context.log, "rtmps",
        [this](Socket socket, std::unique_ptr<TlsStream> tls) { accept(std::move(socket), std::move(tls)); },
        [this](int error) { m_reception.tellExhausted(error); });
}

std::optional<SocketAddress> Server::secureAddress() const
{
    return m_secureListener ? std::optional(m_secureListener->address()) : std::nullopt;
}

void Server::accept(Socket socket, std::unique_ptr<TlsStream> tls)
{
    if (auto seat = m_reception.admit("rtmp", socket))
        m_context.loops.add(std::make_unique<ServerSession>(m_context, std::move(socket), std::move(tls)),
                            std::move(seat));
}

}  // namespace headgate::rtmp
