#include "core/media/net/socket.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <system_error>

namespace headgate {

namespace {

struct RawAddress
{
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

std::string errorText(int number)
{
    return std::generic_category().message(number);
}

Result<RawAddress> toRawUnix(const std::string& path)
{
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    if (path.size() >= sizeof un.sun_path)
        return fail(ErrorCode::InvalidArgument, "The path of the Unix socket is too long: " + path + ".");
    std::memcpy(un.sun_path, path.data(), path.size());
    RawAddress raw;
    std::memcpy(&raw.storage, &un, sizeof un);
    raw.size = sizeof un;
    return raw;
}

Result<RawAddress> toRaw(const SocketAddress& address)
{
    if (!address.unixPath.empty())
        return toRawUnix(address.unixPath);
    RawAddress raw;
    sockaddr_in v4{};
    if (::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(address.port);
        std::memcpy(&raw.storage, &v4, sizeof v4);
        raw.size = sizeof v4;
        return raw;
    }
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(address.port);
        std::memcpy(&raw.storage, &v6, sizeof v6);
        raw.size = sizeof v6;
        return raw;
    }
    return fail(ErrorCode::InvalidArgument, "\"" + address.host + "\" is not an IPv4 or IPv6 address.");
}

SocketAddress fromRaw(const RawAddress& raw)
{
    SocketAddress address;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (raw.storage.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &raw.storage, sizeof v4);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        address.host = text.data();
        address.port = ntohs(v4.sin_port);
    } else if (raw.storage.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &raw.storage, sizeof v6);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        address.host = text.data();
        address.port = ntohs(v6.sin6_port);
    }
    return address;
}

void setOption(const Socket& socket, int level, int option, int value)
{
    ::setsockopt(socket.fd(), level, option, &value, sizeof value);
}

}  // namespace

Socket::~Socket()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

Result<SocketAddress> parseSocketAddress(std::string_view text)
{
    constexpr std::string_view unixPrefix = "unix:";
    if (text.starts_with(unixPrefix) && text.size() > unixPrefix.size())
        return SocketAddress{{}, 0, std::string(text.substr(unixPrefix.size()))};
    const std::size_t colon = text.rfind(':');
    SocketAddress address;
    if (colon != std::string_view::npos) {
        std::string_view host = text.substr(0, colon);
        if (host.starts_with('[') && host.ends_with(']'))
            host = host.substr(1, host.size() - 2);
        address.host = host;
        const char* end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data() + colon + 1, end, address.port);
        if (parsed.ec == std::errc{} && parsed.ptr == end && address.port > 0 && toRaw(address))
            return address;
    }
    return fail(ErrorCode::InvalidArgument,
                "\"" + std::string(text) + "\" is neither unix:PATH nor an IP address with a port.");
}

std::string toText(const SocketAddress& address)
{
    if (!address.unixPath.empty())
        return "unix:" + address.unixPath;
    const bool isV6 = address.host.find(':') != std::string::npos;
    return (isV6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Result<Socket> listenOn(const SocketAddress& address)
{
    const auto raw = toRaw(address);
    if (!raw)
        return tl::unexpected(raw.error());
    Socket socket(::socket(raw->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.isOpen())
        return fail(ErrorCode::Unavailable, "No socket could be made: " + errorText(errno) + ".");
    setOption(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    constexpr int backlog = 4096;
    if (::bind(socket.fd(), raw->get(), raw->size) != 0 || ::listen(socket.fd(), backlog) != 0) {
        return fail(ErrorCode::Unavailable, "Cannot listen on " + toText(address) + ": " + errorText(errno) + ".",
                    "Stop the program that uses the address, or choose another address or port.");
    }
    return socket;
}

Result<Socket> connectTo(const SocketAddress& address)
{
    const auto raw = toRaw(address);
    if (!raw)
        return tl::unexpected(raw.error());
    Socket socket(::socket(raw->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.isOpen())
        return fail(ErrorCode::Unavailable, "No socket could be made: " + errorText(errno) + ".");
    if (::connect(socket.fd(), raw->get(), raw->size) != 0 && errno != EINPROGRESS)
        return fail(ErrorCode::Unavailable, "Cannot connect to " + toText(address) + ": " + errorText(errno) + ".");
    return socket;
}

int connectError(const Socket& socket)
{
    int number = 0;
    socklen_t size = sizeof number;
    if (::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &number, &size) != 0)
        return errno;
    return number;
}

SocketAddress localAddress(const Socket& socket)
{
    RawAddress raw;
    raw.size = sizeof raw.storage;
    ::getsockname(socket.fd(), raw.get(), &raw.size);
    return fromRaw(raw);
}

SocketAddress peerAddress(const Socket& socket)
{
    RawAddress raw;
    raw.size = sizeof raw.storage;
    ::getpeername(socket.fd(), raw.get(), &raw.size);
    return fromRaw(raw);
}

std::int64_t unacknowledgedBytes(const Socket& socket)
{
    int bytes = 0;
    return ::ioctl(socket.fd(), SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

double roundTripMs(const Socket& socket)
{
    tcp_info info{};
    socklen_t size = sizeof info;
    return ::getsockopt(socket.fd(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_rtt / 1000.0 : 0;
}

void tuneStream(const Socket& socket, int sendBufferBytes)
{
    setOption(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    if (sendBufferBytes == 0)
        return;
    setOption(socket, SOL_SOCKET, SO_SNDBUF, sendBufferBytes);
    // A receiver that sleeps does not fill the whole buffer; what is on its way to a distant one may.
    setOption(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, sendBufferBytes / 4);
}

}  // namespace headgate
