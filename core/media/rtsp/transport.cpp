#include "core/media/rtsp/transport.h"

#include "core/media/rtsp/message.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <charconv>

namespace headgate::rtsp {

namespace {

// "5000-5001", or "5000", which means the next one as well.
std::optional<std::pair<int, int>> readPair(std::string_view text, int least, int most)
{
    const auto number = [](std::string_view digits) {
        int value = -1;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return read.ec == std::errc{} && read.ptr == digits.data() + digits.size() ? value : -1;
    };
    const int first = number(takePiece(text, '-'));
    const int second = text.empty() ? first + 1 : number(trimmed(text));
    if (first < least || second < least || first > most || second > most || first == second)
        return std::nullopt;
    return std::pair(first, second);
}

std::optional<TransportWish> readTransport(std::string_view spec)
{
    constexpr int largestChannel = 255;
    constexpr int largestPort = 65'535;
    TransportWish wish;
    const std::string_view profile = takePiece(spec, ';');
    wish.isInterleaved = isSameWord(profile, "rtp/avp/tcp");
    if (!wish.isInterleaved && !isSameWord(profile, "rtp/avp") && !isSameWord(profile, "rtp/avp/udp"))
        return std::nullopt;
    while (!spec.empty()) {
        std::string_view parameter = takePiece(spec, ';');
        const std::string_view name = takePiece(parameter, '=');
        if (isSameWord(name, "multicast"))
            return std::nullopt;
        const bool isPlace = isSameWord(name, wish.isInterleaved ? "interleaved" : "client_port");
        if (!isPlace)
            continue;
        wish.places = wish.isInterleaved ? readPair(parameter, 0, largestChannel) : readPair(parameter, 1, largestPort);
        if (!wish.places)
            return std::nullopt;
    }
    return wish.isInterleaved || wish.places ? std::optional(wish) : std::nullopt;
}

// The one with an even number is for RTP (RFC 3550, 11).
Result<std::pair<std::array<Socket, 2>, std::uint16_t>> bindPair(const std::string& host)
{
    constexpr int tries = 20;
    Error last;
    for (int i = 0; i < tries; ++i) {
        auto first = bindDatagrams(SocketAddress{host, 0, {}});
        if (!first)
            return tl::unexpected(first.error());
        const std::uint16_t port = localAddress(*first).port;
        const bool isEven = port % 2 == 0;
        auto second = bindDatagrams(SocketAddress{host, static_cast<std::uint16_t>(isEven ? port + 1 : port - 1), {}});
        if (second && isEven)
            return std::pair(std::array{std::move(*first), std::move(*second)}, port);
        if (second)
            return std::pair(std::array{std::move(*second), std::move(*first)}, static_cast<std::uint16_t>(port - 1));
        last = second.error();
    }
    return tl::unexpected(last);
}

}  // namespace

std::optional<TransportWish> chooseTransport(std::string_view field)
{
    while (!field.empty()) {
        if (const auto wish = readTransport(takePiece(field, ',')))
            return wish;
    }
    return std::nullopt;
}

Result<std::unique_ptr<UdpPair>> UdpPair::open(const std::string& host, const std::string& peerHost,
                                               std::pair<int, int> peerPorts)
{
    auto bound = bindPair(host);
    if (!bound)
        return tl::unexpected(bound.error());
    auto& [sockets, port] = *bound;
    // The kernel gives the lowest number that is free: the last ones are for connections and programs.
    constexpr rlim_t spare = 256;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (static_cast<rlim_t>(sockets[1].fd()) + spare > limit.rlim_cur)
        return fail(ErrorCode::ResourceExhausted, "This node has no more UDP ports for clients.", "Use RTP over TCP.");
    const DatagramAddress rtp(peerHost, static_cast<std::uint16_t>(peerPorts.first));
    const DatagramAddress rtcp(peerHost, static_cast<std::uint16_t>(peerPorts.second));
    const auto isReached = [](const Socket& socket, const DatagramAddress& peer) {
        return ::connect(socket.fd(), static_cast<const sockaddr*>(peer.raw()), peer.rawSize()) == 0;
    };
    if (!isReached(sockets[0], rtp) || !isReached(sockets[1], rtcp))
        return fail(ErrorCode::Unavailable, "The client's UDP ports cannot be reached.", "Use RTP over TCP.");
    return std::unique_ptr<UdpPair>(new UdpPair(std::move(sockets), port, rtp));
}

void UdpPair::watch(EventLoop& loop, Use use)
{
    m_loop = &loop;
    m_use = std::move(use);
    loop.watch(m_sockets[0].fd(), Interest::Read, [this](Readiness) { receive(Kind::Rtp); });
    loop.watch(m_sockets[1].fd(), Interest::Read, [this](Readiness) { receive(Kind::Rtcp); });
}

void UdpPair::unwatch()
{
    if (m_loop == nullptr)
        return;
    for (const Socket& socket : m_sockets)
        m_loop->unwatch(socket.fd());
    m_loop = nullptr;
}

void UdpPair::receive(Kind kind)
{
    constexpr int mostAtOnce = 128;
    std::array<std::uint8_t, 64 * 1024> buffer;
    const int fd = m_sockets[kind == Kind::Rtp ? 0 : 1].fd();
    // What is used may end the session, and with it this.
    for (int i = 0; i < mostAtOnce && m_loop != nullptr; ++i) {
        const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size <= 0)
            return;
        m_loop->countReceived(static_cast<std::size_t>(size));
        m_use(kind, ByteView(buffer).first(static_cast<std::size_t>(size)));
    }
}

void UdpPair::sendRtcp(ByteView packet) const
{
    static_cast<void>(::send(m_sockets[1].fd(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

void appendInterleaved(Bytes& out, int channel, ByteView packet)
{
    appendU8(out, '$');
    appendU8(out, static_cast<std::uint32_t>(channel));
    appendU16(out, static_cast<std::uint32_t>(packet.size()));
    appendView(out, packet);
}

}  // namespace headgate::rtsp
