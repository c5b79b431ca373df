#pragma once

#include "core/media/hub/session.h"
#include "core/media/net/datagrams.h"
#include "core/media/webrtc/sdp.h"
#include "core/media/webrtc/tcp_peers.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headgate::webrtc {

class PeerSession;

// The one UDP port of a node's WebRTC, and TCP at the same number for who can send no UDP (RFC 6544), as an ICE-lite
// agent (RFC 8445, 2.5): it answers the checks of peers that it was told of, and hands what comes from their addresses
// to their sessions, on whatever loop they live. Who does not know the password of a session gets no answer at all.
// Belongs to the main loop's thread, and outlives all sessions.
class UdpPort
{
public:
    // A peer that was not heard of for so long is gone (RFC 7675).
    static constexpr Duration consentTime{30'000};
    // A peer may be checked from more addresses at once; the oldest is forgotten.
    static constexpr std::size_t mostAddresses = 8;

    // Port 0 lets the system choose. `announced` are the addresses at which peers reach it, the best first; if there
    // are none, its own, or those of the machine where that is the wildcard. Unavailable if the port is taken,
    // InvalidArgument for what peers cannot reach.
    static Result<std::unique_ptr<UdpPort>> open(EventLoop& loop, const SocketAddress& address,
                                                 std::vector<std::string> announced);
    ~UdpPort();

    SocketAddress address() const { return localAddress(m_socket); }
    std::vector<SocketAddress> candidates() const;
    int descriptor() const { return m_socket.fd(); }  // to send with; from any thread
    const DtlsIdentity& identity() const { return m_identity; }

    struct Ice
    {
        IceCredentials local;
        std::string remoteUfrag;  // empty: not known yet, and nothing is answered
    };

    // `resource` is how HTTP names the session. Until remove().
    void add(PeerSession& session, SessionHost& host, std::string resource, Ice ice);
    void moved(Session::Id session, SessionHost& host);
    void remove(Session::Id session);

    std::optional<Session::Id> find(std::string_view resource) const;
    const Ice* ice(Session::Id session) const;
    void restart(Session::Id session, Ice ice);

    // Packets behind their lengths, for a peer of TCP.
    void sendFramed(std::uint64_t connection, Bytes framed) { m_tcp->send(connection, std::move(framed)); }

    // The session, if it lives on the main loop; else null.
    PeerSession* atHome(Session::Id session) const;
    // Calls the session on its loop, unless it has ended.
    void tell(Session::Id session, std::function<void(PeerSession&)> call);

private:
    struct Peer
    {
        PeerSession* session = nullptr;
        SessionHost* host = nullptr;
        std::string resource;
        Ice ice;
        PeerPath path;                  // where it wants what is sent
        std::vector<PeerPath> checked;  // from where it proved that it knows the password
        MonotonicTime heardAt;
    };

    // Each packet that comes is looked for.
    struct PathHash
    {
        std::size_t operator()(const PeerPath& path) const
        {
            const std::string_view address(static_cast<const char*>(path.address.raw()), path.address.rawSize());
            return std::hash<std::string_view>()(address) ^ path.connection;
        }
    };

    UdpPort(EventLoop& loop, Socket socket, Socket listening, DtlsIdentity identity,
            std::vector<std::string> announced);
    void receive();
    void handle(const PeerPath& from, std::span<std::uint8_t> bytes);
    void answerCheck(const PeerPath& from, ByteView bytes);
    void send(const PeerPath& to, ByteView packet);
    void remember(Session::Id id, Peer& peer, const PeerPath& path);
    void forget(std::uint64_t connection);
    void forgetPath(const PeerPath& path, Session::Id id);
    void endSilent();

    EventLoop& m_loop;
    Socket m_socket;
    DtlsIdentity m_identity;
    std::vector<std::string> m_announced;
    DatagramReader m_reader;
    Timer m_second;
    std::map<Session::Id, Peer> m_peers;
    std::map<std::string, Session::Id, std::less<>> m_byUfrag;  // of ours
    std::map<std::string, Session::Id, std::less<>> m_byResource;
    std::unordered_map<PeerPath, Session::Id, PathHash> m_byPath;
    std::unique_ptr<TcpPeers> m_tcp;
};

}  // namespace headgate::webrtc
