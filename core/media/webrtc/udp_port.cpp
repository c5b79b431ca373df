#include "core/media/webrtc/udp_port.h"

#include "core/media/webrtc/peer_session.h"
#include "core/media/webrtc/stun.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace headgate::webrtc {

namespace {

// How datagrams on one port are told apart (RFC 7983).
bool isStun(std::uint8_t first)
{
    return first < 4;
}

}  // namespace

Result<std::unique_ptr<UdpPort>> UdpPort::open(EventLoop& loop, const SocketAddress& address)
{
    auto socket = bindDatagrams(address);
    if (!socket)
        return tl::unexpected(socket.error());
    auto identity = DtlsIdentity::make();
    if (!identity)
        return tl::unexpected(identity.error());
    return std::unique_ptr<UdpPort>(new UdpPort(loop, std::move(*socket), std::move(*identity)));
}

UdpPort::UdpPort(EventLoop& loop, Socket socket, DtlsIdentity identity)
    : m_loop(loop), m_socket(std::move(socket)), m_identity(std::move(identity)), m_second(loop)
{
    m_loop.watch(m_socket.fd(), Interest::Read, [this](Readiness) { receive(); });
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
    std::erase_if(m_byAddress, [session](const auto& entry) { return entry.second == session; });
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
                handle(from, datagram);
            });
        if (bytes == 0)
            return;
        m_loop.countReceived(bytes);
    }
}

void UdpPort::handle(const DatagramAddress& from, std::span<std::uint8_t> bytes)
{
    if (isStun(bytes[0]))
        return answerCheck(from, bytes);
    const auto known = m_byAddress.find(from);
    if (known == m_byAddress.end())
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

void UdpPort::answerCheck(const DatagramAddress& from, ByteView bytes)
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
    if (request->username.substr(colon + 1) != peer.ice.remoteUfrag ||
        !isIntact(bytes, *request, peer.ice.local.password))
        return;
    peer.heardAt = m_loop.now();
    const Bytes response = stunResponse(*request, from, peer.ice.local.password);
    ::sendto(m_socket.fd(), response.data(), response.size(), 0, static_cast<const sockaddr*>(from.raw()),
             from.rawSize());
    remember(id, peer, from);
    if (peer.address.isKnown() && (peer.address == from || !request->isNominating))
        return;
    peer.address = from;
    tell(id, [from](PeerSession& session) { session.addressChanged(from); });
}

void UdpPort::remember(Session::Id id, Peer& peer, const DatagramAddress& address)
{
    m_byAddress[address] = id;
    if (std::find(peer.checked.begin(), peer.checked.end(), address) != peer.checked.end())
        return;
    peer.checked.push_back(address);
    if (peer.checked.size() <= mostAddresses)
        return;
    const auto oldest = std::find_if(peer.checked.begin(), peer.checked.end(),
                                     [&peer](const DatagramAddress& other) { return !(other == peer.address); });
    if (const auto known = m_byAddress.find(*oldest); known != m_byAddress.end() && known->second == id)
        m_byAddress.erase(known);
    peer.checked.erase(oldest);
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
