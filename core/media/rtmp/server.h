#pragma once

#include "core/media/net/tcp_listener.h"
#include "core/media/rtmp/server_session.h"

#include <memory>
#include <optional>

namespace headgate::rtmp {

// Takes RTMP publishers, viewers and children on one listening socket.
class Server
{
public:
    Server(ServerContext context, Socket listening, std::size_t mostSessions);

    // RTMPS on a second socket.
    void listenSecurely(Socket listening, TlsCertificate certificate);

    SocketAddress address() const { return m_listener.address(); }
    std::optional<SocketAddress> secureAddress() const;

private:
    void accept(Socket socket, std::unique_ptr<TlsStream> tls);
    void refreshCertificate();

    ServerContext m_context;
    std::size_t m_mostSessions;
    TcpListener m_listener;
    std::optional<TlsCertificate> m_certificate;
    std::optional<TcpListener> m_secureListener;
    Timer m_second;
};

}  // namespace headgate::rtmp
