#pragma once

#include "core/media/hub/session.h"
#include "core/media/net/datagrams.h"
#include "core/media/webrtc/sdp.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headgate::webrtc {

class PeerSession;

// The one UDP port of a node's WebRTC, as an ICE-lite agent (RFC 8445, 2.5): it answers the checks of peers that it was
// told of, and hands what comes from their addresses to their sessions, on whatever loop they live. Who does not know
// the password of a session gets no answer at all. Belongs to the main loop's thread, and outlives all sessions.
class UdpPort
{
public:
    // A peer that was not heard of for so long is gone (RFC 7675).
    static constexpr Duration consentTime{30'000};
    // A peer may be checked from more addresses at once; the oldest is forgotten.
    static constexpr std::size_t mostAddresses = 8;

    // Port 0 lets the system choose. Unavailable if it is taken.
    static Result<std::unique_ptr<UdpPort>> open(EventLoop& loop, const SocketAddress& address);
    ~UdpPort();

    SocketAddress address() const { return localAddress(m_socket); }
    int descriptor() const { return m_socket.fd(); }  // to send with; from any thread
    const DtlsIdentity& identity() const { return m_identity; }

    struct Ice
    {
        IceCredentials local;
        std::string remoteUfrag;
    };

    // `resource` is how HTTP names the session. Until remove().
    void add(PeerSession& session, SessionHost& host, std::string resource, Ice ice);
    void moved(Session::Id session, SessionHost& host);
    void remove(Session::Id session);

    std::optional<Session::Id> find(std::string_view resource) const;
    const Ice* ice(Session::Id session) const;
    void restart(Session::Id session, Ice ice);

    // Calls the session on its loop, unless it has ended.
    void tell(Session::Id session, std::function<void(PeerSession&)> call);

private:
    struct Peer
    {
        PeerSession* session = nullptr;
        SessionHost* host = nullptr;
        std::string resource;
        Ice ice;
        DatagramAddress address;               // where it wants what is sent
        std::vector<DatagramAddress> checked;  // from where it proved that it knows the password
        MonotonicTime heardAt;
    };

    UdpPort(EventLoop& loop, Socket socket, DtlsIdentity identity);
    void receive();
    void handle(const DatagramAddress& from, std::span<std::uint8_t> bytes);
    void answerCheck(const DatagramAddress& from, ByteView bytes);
    void remember(Session::Id id, Peer& peer, const DatagramAddress& address);
    void endSilent();

    EventLoop& m_loop;
    Socket m_socket;
    DtlsIdentity m_identity;
    DatagramReader m_reader;
    Timer m_second;
    std::map<Session::Id, Peer> m_peers;
    std::map<std::string, Session::Id, std::less<>> m_byUfrag;  // of ours
    std::map<std::string, Session::Id, std::less<>> m_byResource;
    std::map<DatagramAddress, Session::Id> m_byAddress;
};

}  // namespace headgate::webrtc
