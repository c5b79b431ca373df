#include "core/plane/agent_connection.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace headgate {

namespace {

constexpr std::size_t readBytes = 64 * 1024;
constexpr int readsPerTurn = 4;  // the others want their turn too
constexpr std::size_t maxBytesBeforeHello = 64 * 1024;
constexpr std::size_t maxWaitingOutput = 1024 * 1024;

std::string peerOf(int descriptor)
{
    sockaddr_storage address = {};
    socklen_t size = sizeof address;
    std::array<char, NI_MAXHOST> host{};
    const bool isKnown = ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
                         ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host.data(), host.size(),
                                       nullptr, 0, NI_NUMERICHOST) == 0;
    return isKnown ? host.data() : "an unknown address";
}

bool isTryAgain(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

AgentConnection::AgentConnection(int descriptor, std::unique_ptr<AgentTls> tls)
    : m_descriptor(descriptor), m_tls(std::move(tls)), m_peer(m_tls ? peerOf(descriptor) : std::string())
{}

AgentConnection::~AgentConnection()
{
    ::close(m_descriptor);
}

AgentConnection::Progress AgentConnection::receive(std::vector<std::string>& messages)
{
    std::array<char, readBytes> bytes;
    for (int i = 0; i < readsPerTurn; ++i) {
        const ssize_t got = ::recv(m_descriptor, bytes.data(), bytes.size(), 0);
        if (got == 0)
            return Progress::Closed;
        if (got < 0)
            return isTryAgain(errno) ? Progress::Open : Progress::Closed;
        const auto count = static_cast<std::size_t>(got);
        if (node.isEmpty() && (m_receivedBeforeHello += count) > maxBytesBeforeHello)
            return Progress::Closed;
        if (!hear(std::string_view(bytes.data(), count)))
            return Progress::Closed;
        while (auto message = m_reader.next())
            messages.push_back(std::move(*message));
        if (count < bytes.size())
            return Progress::Open;
    }
    return Progress::Open;
}

bool AgentConnection::hear(std::string_view bytes)
{
    if (!m_tls)
        return m_reader.append(bytes).has_value();
    std::string said;
    if (m_tls->take(bytes, said, m_output))
        return m_reader.append(said).has_value();
    flush();  // why it is refused
    return false;
}

AgentConnection::Progress AgentConnection::queue(std::string_view frame)
{
    // Looked at before adding: one message may be larger than the limit.
    if (m_output.size() - m_sent > maxWaitingOutput)
        return Progress::Closed;
    if (m_tls)
        m_tls->put(frame, m_output);
    else
        m_output.append(frame);
    return Progress::Open;
}

AgentConnection::Progress AgentConnection::flush()
{
    while (hasOutput()) {
        const ssize_t sent = ::send(m_descriptor, m_output.data() + m_sent, m_output.size() - m_sent, MSG_NOSIGNAL);
        if (sent < 0 && isTryAgain(errno))
            break;
        if (sent < 0)
            return Progress::Closed;
        m_sent += static_cast<std::size_t>(sent);
    }
    m_output.erase(0, m_sent);
    m_sent = 0;
    return isClosing && m_output.empty() ? Progress::Closed : Progress::Open;
}

}  // namespace headgate
