#pragma once

#include "core/media/net/log.h"
#include "core/media/net/tcp_listener.h"
#include "core/media/net/tls.h"

#include <functional>
#include <memory>
#include <string>

namespace headgate {

// Takes connections whose clients are to speak TLS, with a certificate that is read again when its files change.
class TlsListener
{
public:
    using Take = std::function<void(Socket socket, std::unique_ptr<TlsStream> tls)>;

    // `protocol` is for the log.
    TlsListener(EventLoop& loop, Socket listening, TlsCertificate certificate, const Log& log, std::string protocol,
                Take take, TcpListener::Exhausted exhausted);

    SocketAddress address() const { return m_listener.address(); }

private:
    void refresh();

    TlsCertificate m_certificate;
    const Log& m_log;
    const std::string m_protocol;
    TcpListener m_listener;
    Timer m_second;
};

}  // namespace headgate
