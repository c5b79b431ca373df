#pragma once

#include "core/media/hub/reception.h"
#include "core/media/net/tls_listener.h"
#include "core/media/rtmp/server_session.h"

#include <memory>
#include <optional>

namespace headgate::rtmp {

// Takes RTMP publishers, viewers and children on one listening socket.
class Server
{
public:
    Server(ServerContext context, Reception& reception, Socket listening);

    // RTMPS on a second socket.
    void listenSecurely(Socket listening, TlsCertificate certificate);

    SocketAddress address() const { return m_listener.address(); }
    std::optional<SocketAddress> secureAddress() const;

private:
    void accept(Socket socket, std::unique_ptr<TlsStream> tls);

    ServerContext m_context;
    Reception& m_reception;
    TcpListener m_listener;
    std::optional<TlsListener> m_secureListener;
    Timer m_second;
};

}  // namespace headgate::rtmp
