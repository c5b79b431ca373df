#include "core/media/net/tcp_listener.h"

#include <sys/socket.h>

#include <cerrno>

namespace headgate {

TcpListener::TcpListener(EventLoop& loop, Socket listening, Accepted onAccepted, Exhausted onExhausted)
    : m_loop(loop),
      m_socket(std::move(listening)),
      m_onAccepted(std::move(onAccepted)),
      m_onExhausted(std::move(onExhausted)),
      m_rest(loop)
{
    m_loop.watch(m_socket.fd(), Interest::Read, [this](Readiness) { acceptWaiting(); });
}

TcpListener::~TcpListener()
{
    m_loop.unwatch(m_socket.fd());
}

void TcpListener::acceptWaiting()
{
    // A flood of connections must not keep the loop from the streams that run.
    constexpr int mostPerTurn = 64;
    // The kernel doubles it, for what it needs itself: 256 KiB, which is 1.4 s of a stream of 1.5 Mbit/s.
    constexpr int sendBufferBytes = 128 * 1024;
    constexpr Duration restTime{100};
    for (int i = 0; i < mostPerTurn; ++i) {
        Socket accepted(::accept4(m_socket.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (accepted.isOpen()) {
            tuneStream(accepted, sendBufferBytes);
            m_onAccepted(std::move(accepted));
            continue;
        }
        const int error = errno;
        if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
            m_loop.setInterest(m_socket.fd(), Interest::None);
            m_rest.start(restTime, [this] { m_loop.setInterest(m_socket.fd(), Interest::Read); });
            if (m_onExhausted)
                m_onExhausted(error);
        }
        return;
    }
}

}  // namespace headgate
