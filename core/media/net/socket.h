#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <utility>

namespace headgate {

// Owns a file descriptor.
class Socket
{
public:
    Socket() = default;
    explicit Socket(int fd) : m_fd(fd) {}
    Socket(Socket&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    Socket& operator=(Socket&& other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~Socket();

    int fd() const { return m_fd; }
    bool isOpen() const { return m_fd >= 0; }

private:
    int m_fd = -1;
};

// An IPv4 or IPv6 literal with a port, or a Unix socket's path.
struct SocketAddress
{
    std::string host;
    std::uint16_t port = 0;
    std::string unixPath;  // if not empty, host and port do not count

    bool operator==(const SocketAddress&) const = default;
};

// "unix:PATH", "A.B.C.D:PORT" or "[V6]:PORT".
Result<SocketAddress> parseSocketAddress(std::string_view text);
std::string toText(const SocketAddress& address);

// A non-blocking TCP socket that listens; port 0 lets the system choose. Unavailable if it is taken.
Result<Socket> listenOn(const SocketAddress& address);

// A non-blocking socket whose connection is under way or made. Unavailable if it fails at once.
Result<Socket> connectTo(const SocketAddress& address);

// 0 once connected, else the error number of the attempt.
int connectError(const Socket& socket);

SocketAddress localAddress(const Socket& socket);
SocketAddress peerAddress(const Socket& socket);

// Bytes of a TCP connection that the other side has not acknowledged, sent or not; 0 for other sockets.
std::int64_t unacknowledgedBytes(const Socket& socket);

// Smoothed; 0 for what is no TCP connection.
double roundTripMs(const Socket& socket);

// No delay for small messages, a bounded send buffer (0 keeps the system's choice).
void tuneStream(const Socket& socket, int sendBufferBytes);

}  // namespace headgate
