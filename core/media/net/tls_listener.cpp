#include "core/media/net/tls_listener.h"

#include <utility>

namespace headgate {

TlsListener::TlsListener(EventLoop& loop, Socket listening, TlsCertificate certificate, const Log& log,
                         std::string protocol, Take take, TcpListener::Exhausted exhausted)
    : m_certificate(std::move(certificate)),
      m_log(log),
      m_protocol(std::move(protocol)),
      m_listener(
          loop, std::move(listening),
          [this, take = std::move(take)](Socket socket) { take(std::move(socket), m_certificate.context().accept()); },
          std::move(exhausted)),
      m_second(loop)
{
    constexpr Duration period{1000};
    m_second.startRepeating(period, [this] { refresh(); });
}

void TlsListener::refresh()
{
    const auto refreshed = m_certificate.refresh();
    if (!refreshed)
        m_log.warning(m_protocol + ": the certificate stays as it was: " + refreshed.error().message);
    else if (*refreshed)
        m_log.info(m_protocol + ": the certificate was read again");
}

}  // namespace headgate
