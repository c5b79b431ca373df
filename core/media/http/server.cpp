#include "core/media/http/server.h"

namespace headgate::http_flv {

Server::Server(ServerContext context, Reception& reception, Socket listening)
    : m_context(context),
      m_reception(reception),
      m_listener(
          context.loops.home().loop(), std::move(listening), [this](Socket socket) { accept(std::move(socket)); },
          [this](int error) { m_reception.tellExhausted(error); })
{}

void Server::accept(Socket socket)
{
    if (auto seat = m_reception.admit("http", socket))
        m_context.loops.add(std::make_unique<ServerSession>(m_context, std::move(socket)), std::move(seat));
}

}  // namespace headgate::http_flv
