#include "core/media/webrtc/udp_port.h"

#include "core/media/webrtc/peer_session.h"
#include "core/media/webrtc/stun.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace headgate::webrtc {

namespace {

// How datagrams on one port are told apart (RFC 7983).
bool isStun(std::uint8_t first)
{
    return first < 4;
}

bool isWildcard(const std::string& host)
{
    const DatagramAddress address(host, 0);
    return std::ranges::all_of(address.host(), [](std::uint8_t byte) { return byte == 0; });
}

std::string textOf(const DatagramAddress& address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(address.isIpv6() ? AF_INET6 : AF_INET, address.host().data(), text.data(), text.size());
    return text.data();
}

// Of the interfaces that are up, but for loopback and what holds on one link only.
std::vector<std::string> addressesOfMachine(bool isIpv6)
{
    constexpr std::size_t most = 8;
    std::vector<std::string> addresses;
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0)
        return addresses;
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, &::freeifaddrs);
    for (const ifaddrs* each = all; each != nullptr && addresses.size() < most; each = each->ifa_next) {
        const bool isUsable = (each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0;
        if (!isUsable || each->ifa_addr == nullptr || each->ifa_addr->sa_family != (isIpv6 ? AF_INET6 : AF_INET))
            continue;
        sockaddr_storage raw{};
        std::memcpy(&raw, each->ifa_addr, isIpv6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
        const DatagramAddress address(raw);
        const bool isOfLink = isIpv6 && address.host()[0] == 0xFE && (address.host()[1] & 0xC0) == 0x80;
        if (!isOfLink)
            addresses.push_back(textOf(address));
    }
    return addresses;
}

// Both at one number; where the system chooses, it may be taken in TCP.
Result<std::pair<Socket, Socket>> bindBoth(const SocketAddress& address)
{
    for (int tries = address.port == 0 ? 16 : 1;; --tries) {
        auto datagrams = bindDatagrams(address);
        if (!datagrams)
            return tl::unexpected(datagrams.error());
        auto listening = listenOn(localAddress(*datagrams));
        if (listening)
            return std::pair(std::move(*datagrams), std::move(*listening));
        if (tries == 1)
            return tl::unexpected(listening.error());
    }
}

}  // namespace

Result<std::unique_ptr<UdpPort>> UdpPort::open(EventLoop& loop, const SocketAddress& address,
                                               std::vector<std::string> announced)
{
    for (const std::string& host : announced) {
        if (!DatagramAddress(host, 0).isKnown() || isWildcard(host))
            return fail(
                ErrorCode::InvalidArgument,
                "\"" + host +
                    "\" cannot be announced: WebRTC takes IPv4 and IPv6 addresses at which the node is reached.",
                "Announce the address that clients can send to, such as 203.0.113.5.");
    }
    auto sockets = bindBoth(address);
    if (!sockets)
        return tl::unexpected(sockets.error());
    auto identity = DtlsIdentity::make();
    if (!identity)
        return tl::unexpected(identity.error());
    return std::unique_ptr<UdpPort>(new UdpPort(loop, std::move(sockets->first), std::move(sockets->second),
                                                std::move(*identity), std::move(announced)));
}

UdpPort::UdpPort(EventLoop& loop, Socket socket, Socket listening, DtlsIdentity identity,
                 std::vector<std::string> announced)
    : m_loop(loop),
      m_socket(std::move(socket)),
      m_identity(std::move(identity)),
      m_announced(std::move(announced)),
      m_second(loop),
      m_tcp(std::make_unique<TcpPeers>(
          loop, std::move(listening),
          [this](const PeerPath& from, std::span<std::uint8_t> packet) { handle(from, packet); },
          [this](std::uint64_t connection) { forget(connection); }))
{
    m_loop.watch(m_socket.fd(), Interest::Read, [this](Readiness) { receive(); });
}

std::vector<SocketAddress> UdpPort::candidates() const
{
    const SocketAddress own = address();
    std::vector<std::string> hosts = m_announced;
    if (hosts.empty())
        hosts = isWildcard(own.host) ? addressesOfMachine(own.host.find(':') != std::string::npos)
                                     : std::vector<std::string>{own.host};
    std::vector<SocketAddress> all;
    for (std::string& host : hosts)
        all.push_back(SocketAddress{std::move(host), own.port, {}});
    return all;
}

UdpPort::~UdpPort()
{
    m_loop.unwatch(m_socket.fd());
}

void UdpPort::add(PeerSession& session, SessionHost& host, std::string resource, Ice ice)
{
    const Session::Id id = session.id();
    m_byUfrag[ice.local.ufrag] = id;
    m_byResource[resource] = id;
    m_peers[id] = Peer{&session, &host, std::move(resource), std::move(ice), {}, {}, m_loop.now()};
    if (!m_second.isRunning())
        m_second.startRepeating(Duration(1000), [this] { endSilent(); });
}

void UdpPort::moved(Session::Id session, SessionHost& host)
{
    if (const auto found = m_peers.find(session); found != m_peers.end())
        found->second.host = &host;
}

void UdpPort::remove(Session::Id session)
{
    const auto found = m_peers.find(session);
    if (found == m_peers.end())
        return;
    m_byUfrag.erase(found->second.ice.local.ufrag);
    m_byResource.erase(found->second.resource);
    for (const PeerPath& path : found->second.checked) {
        m_tcp->end(path.connection);
        forgetPath(path, session);
    }
    m_peers.erase(found);
    if (m_peers.empty())
        m_second.stop();
}

std::optional<Session::Id> UdpPort::find(std::string_view resource) const
{
    const auto found = m_byResource.find(resource);
    return found == m_byResource.end() ? std::nullopt : std::optional(found->second);
}

const UdpPort::Ice* UdpPort::ice(Session::Id session) const
{
    const auto found = m_peers.find(session);
    return found == m_peers.end() ? nullptr : &found->second.ice;
}

void UdpPort::restart(Session::Id session, Ice ice)
{
    const auto found = m_peers.find(session);
    if (found == m_peers.end())
        return;
    m_byUfrag.erase(found->second.ice.local.ufrag);
    m_byUfrag[ice.local.ufrag] = session;
    found->second.ice = std::move(ice);
}

PeerSession* UdpPort::atHome(Session::Id session) const
{
    const auto found = m_peers.find(session);
    if (found == m_peers.end() || &found->second.host->loop() != &m_loop ||
        found->second.host->find(session) != found->second.session)
        return nullptr;
    return found->second.session;
}

void UdpPort::tell(Session::Id id, std::function<void(PeerSession&)> call)
{
    const auto found = m_peers.find(id);
    if (found == m_peers.end())
        return;
    const auto reach = [id, session = found->second.session, host = found->second.host, call = std::move(call)] {
        if (host->find(id) == session)
            call(*session);
    };
    EventLoop& loop = found->second.host->loop();
    if (&loop == &m_loop)
        reach();
    else
        loop.post(reach);
}

void UdpPort::receive()
{
    // As many as fit into one turn: the others wait in the socket.
    constexpr int mostRounds = 8;
    for (int round = 0; round < mostRounds; ++round) {
        const std::size_t bytes =
            m_reader.read(m_socket.fd(), [this](const DatagramAddress& from, std::span<std::uint8_t> datagram) {
                handle({from, 0}, datagram);
            });
        m_loop.countReceived(bytes);
        if (!m_reader.wasFull())
            return;
    }
}

void UdpPort::handle(const PeerPath& from, std::span<std::uint8_t> bytes)
{
    if (isStun(bytes[0]))
        return answerCheck(from, bytes);
    const auto known = m_byPath.find(from);
    if (known == m_byPath.end())
        return;
    const auto peer = m_peers.find(known->second);
    // In place where it lives here; a copy goes to another loop.
    if (&peer->second.host->loop() == &m_loop) {
        if (peer->second.host->find(peer->first) == peer->second.session)
            peer->second.session->datagramReceived(bytes);
        return;
    }
    tell(peer->first,
         [copy = Bytes(bytes.begin(), bytes.end())](PeerSession& session) mutable { session.datagramReceived(copy); });
}

void UdpPort::answerCheck(const PeerPath& from, ByteView bytes)
{
    const auto request = readStunRequest(bytes);
    if (!request)
        return;
    const std::size_t colon = std::min(request->username.find(':'), request->username.size());
    const auto named = m_byUfrag.find(request->username.substr(0, colon));
    if (named == m_byUfrag.end() || colon == request->username.size())
        return;
    const Session::Id id = named->second;
    Peer& peer = m_peers.at(id);
    if (peer.ice.remoteUfrag.empty() || request->username.substr(colon + 1) != peer.ice.remoteUfrag ||
        !isIntact(bytes, *request, peer.ice.local.password))
        return;
    peer.heardAt = m_loop.now();
    if (from.connection != 0)
        m_tcp->keep(from.connection);
    send(from, stunResponse(*request, from.address, peer.ice.local.password));
    remember(id, peer, from);
    if (peer.path.isKnown() && (peer.path == from || !request->isNominating))
        return;
    peer.path = from;
    tell(id, [from](PeerSession& session) { session.pathChanged(from); });
}

void UdpPort::send(const PeerPath& to, ByteView packet)
{
    if (to.connection == 0) {
        ::sendto(m_socket.fd(), packet.data(), packet.size(), 0, static_cast<const sockaddr*>(to.address.raw()),
                 to.address.rawSize());
        return;
    }
    Bytes framed;
    appendFramed(framed, packet);
    m_tcp->send(to.connection, std::move(framed));
}

// Its peer may come again, or is there over UDP as well.
void UdpPort::forget(std::uint64_t connection)
{
    std::erase_if(m_byPath, [connection](const auto& entry) { return entry.first.connection == connection; });
    for (auto& [id, peer] : m_peers) {
        std::erase_if(peer.checked, [connection](const PeerPath& path) { return path.connection == connection; });
        if (peer.path.connection == connection)
            peer.path = {};
    }
}

void UdpPort::remember(Session::Id id, Peer& peer, const PeerPath& path)
{
    m_byPath[path] = id;
    if (std::find(peer.checked.begin(), peer.checked.end(), path) != peer.checked.end())
        return;
    peer.checked.push_back(path);
    if (peer.checked.size() <= mostAddresses)
        return;
    const auto oldest = std::find_if(peer.checked.begin(), peer.checked.end(),
                                     [&peer](const PeerPath& other) { return !(other == peer.path); });
    forgetPath(*oldest, id);
    m_tcp->end(oldest->connection);
    peer.checked.erase(oldest);
}

// Unless another peer came from there meanwhile.
void UdpPort::forgetPath(const PeerPath& path, Session::Id id)
{
    if (const auto known = m_byPath.find(path); known != m_byPath.end() && known->second == id)
        m_byPath.erase(known);
}

void UdpPort::endSilent()
{
    std::vector<Session::Id> silent;
    for (const auto& [id, peer] : m_peers) {
        if (m_loop.now() - peer.heardAt > consentTime)
            silent.push_back(id);
    }
    for (const Session::Id id : silent)
        tell(id, [](PeerSession& session) { session.disconnect("nothing heard for 30 s"); });
}

}  // namespace headgate::webrtc
