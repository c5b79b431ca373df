#include "core/media/rtsp/server.h"

namespace headgate::rtsp {

Server::Server(LoopGroup& loops, SessionGate& gate, const Log& log, Reception& reception, Socket listening)
    : m_context{loops, gate, log, m_logins},
      m_reception(reception),
      m_listener(
          loops.home().loop(), std::move(listening),
          [this](Socket socket) {
              if (auto seat = m_reception.admit("rtsp", socket))
                  m_context.loops.add(std::make_unique<ServerSession>(m_context, std::move(socket)), std::move(seat));
          },
          [this](int error) { m_reception.tellExhausted(error); })
{}

}  // namespace headgate::rtsp
