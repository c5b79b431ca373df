#include "core/media/srt/library.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <srt/srt.h>
#include <sys/syslog.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace headgate::srt {

namespace {

struct RawAddress
{
    sockaddr_storage storage{};
    int size = 0;

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

template <typename Family>
RawAddress rawOf(const Family& address)
{
    RawAddress raw;
    std::memcpy(&raw.storage, &address, sizeof address);
    raw.size = sizeof address;
    return raw;
}

Result<RawAddress> toRaw(const SocketAddress& address)
{
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    if (::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1)
        return rawOf(v4);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    if (::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) == 1)
        return rawOf(v6);
    return fail(ErrorCode::InvalidArgument, "\"" + address.host + "\" is not an IPv4 or IPv6 address.");
}

void setOption(SRTSOCKET socket, SRT_SOCKOPT option, int value)
{
    ::srt_setsockflag(socket, option, &value, sizeof value);
}

}  // namespace

Library::Library()
{
    ::srt_startup();
    ::srt_setloglevel(LOG_CRIT);
}

Library::~Library()
{
    ::srt_cleanup();
}

void SrtSocket::close()
{
    if (const Id id = std::exchange(m_id, none); id != none)
        ::srt_close(id);
    m_library.reset();
}

bool isBroken(SrtSocket::Id id)
{
    return ::srt_getsockstate(id) >= SRTS_BROKEN;
}

CBytePerfMon figuresOf(SrtSocket::Id id)
{
    CBytePerfMon figures{};
    if (::srt_bstats(id, &figures, 0) != 0)
        figures = {};
    return figures;
}

void LinkMeter::take(std::uint64_t session, const CBytePerfMon& figures)
{
    const auto count = [](std::int64_t value) { return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value)); };
    const std::lock_guard lock(m_mutex);
    m_links[session] = {1,
                        count(figures.pktRecvTotal),
                        count(figures.pktSentTotal),
                        count(figures.pktRcvLossTotal),
                        count(figures.pktRetransTotal),
                        count(figures.pktRcvDropTotal) + count(figures.pktSndDropTotal),
                        figures.msRTT};
}

void LinkMeter::leave(std::uint64_t session)
{
    const std::lock_guard lock(m_mutex);
    if (const auto left = m_links.extract(session); !left.empty())
        add(m_gone, left.mapped());
}

SrtFigures LinkMeter::total() const
{
    const std::lock_guard lock(m_mutex);
    SrtFigures total = m_gone;
    total.sessions = static_cast<int>(m_links.size());
    total.roundTripMs = 0;
    for (const auto& [session, figures] : m_links) {
        add(total, figures);
        total.roundTripMs += figures.roundTripMs / static_cast<double>(m_links.size());
    }
    return total;
}

void LinkMeter::add(SrtFigures& total, const SrtFigures& figures)
{
    total.packetsReceived += figures.packetsReceived;
    total.packetsSent += figures.packetsSent;
    total.packetsLost += figures.packetsLost;
    total.packetsRetransmitted += figures.packetsRetransmitted;
    total.packetsDropped += figures.packetsDropped;
}

SocketAddress addressOf(const sockaddr* address)
{
    SocketAddress result;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address->sa_family == AF_INET) {
        const auto* const v4 = reinterpret_cast<const sockaddr_in*>(address);
        ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
        result.port = ntohs(v4->sin_port);
    } else if (address->sa_family == AF_INET6) {
        const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(address);
        ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
        result.port = ntohs(v6->sin6_port);
    }
    result.host = text.data();
    return result;
}

Result<SrtSocket> bindTo(const SharedLibrary& library, const SocketAddress& address, Duration latency)
{
    const auto raw = toRaw(address);
    if (!raw)
        return tl::unexpected(raw.error());
    SrtSocket socket(library, ::srt_create_socket());
    setOption(socket.id(), SRTO_RCVSYN, 0);
    setOption(socket.id(), SRTO_SNDSYN, 0);
    setOption(socket.id(), SRTO_LATENCY, static_cast<int>(latency.count()));
    if (raw->get()->sa_family == AF_INET6)
        setOption(socket.id(), SRTO_IPV6ONLY, 0);
    if (::srt_bind(socket.id(), raw->get(), raw->size) != 0)
        return fail(ErrorCode::Unavailable,
                    "UDP " + toText(address) + " cannot be listened on for SRT: " + ::srt_getlasterror_str() + ".",
                    "End the program that holds it, or take another port.");
    return socket;
}

SocketAddress boundAddress(const SrtSocket& socket)
{
    RawAddress raw;
    raw.size = sizeof raw.storage;
    ::srt_getsockname(socket.id(), raw.get(), &raw.size);
    return addressOf(raw.get());
}

}  // namespace headgate::srt
