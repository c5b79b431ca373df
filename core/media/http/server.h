#pragma once

#include "core/media/http/server_session.h"
#include "core/media/hub/reception.h"
#include "core/media/net/tcp_listener.h"

namespace headgate::http_flv {

// Serves HTTP-FLV and health on one listening socket.
class Server
{
public:
    Server(ServerContext context, Reception& reception, Socket listening);

    SocketAddress address() const { return m_listener.address(); }

private:
    void accept(Socket socket);

    ServerContext m_context;
    Reception& m_reception;
    TcpListener m_listener;
};

}  // namespace headgate::http_flv
