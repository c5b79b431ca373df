#pragma once

#include "core/media/net/connection.h"
#include "core/media/net/datagrams.h"
#include "core/media/net/tcp_listener.h"

#include <functional>
#include <map>
#include <memory>

namespace headgate::webrtc {

// Where a peer is: an address of UDP, or a connection of TCP from there.
struct PeerPath
{
    DatagramAddress address;
    std::uint64_t connection = 0;  // 0: UDP

    bool isKnown() const { return address.isKnown(); }
    bool operator==(const PeerPath&) const = default;
    bool operator<(const PeerPath& other) const
    {
        return connection != other.connection ? connection < other.connection : address < other.address;
    }
};

// Adds a packet behind its length (RFC 4571).
void appendFramed(Bytes& out, ByteView packet);

// Peers whose network lets no UDP through: what would be datagrams comes over connections of TCP, each behind its
// length. Belongs to the main loop's thread.
class TcpPeers
{
public:
    static constexpr std::size_t mostUnproven = 256;
    static constexpr Duration patience{10'000};             // with who proves nothing
    static constexpr std::size_t mostWaiting = 512 * 1024;  // what comes on top is lost, as on any network

    using Use = std::function<void(const PeerPath& from, std::span<std::uint8_t> packet)>;
    using Gone = std::function<void(std::uint64_t connection)>;

    TcpPeers(EventLoop& loop, Socket listening, Use onPacket, Gone onGone);
    ~TcpPeers();

    // Each behind its length; to nobody if the connection is gone.
    void send(std::uint64_t connection, Bytes framed);

    // When what waits is sent.
    void end(std::uint64_t connection);

    // It showed that it knows the password of a session, and may stay.
    void keep(std::uint64_t connection);

private:
    class Peer;

    void accept(Socket socket);
    void remove(std::uint64_t connection);

    EventLoop& m_loop;
    TcpListener m_listener;
    Use m_onPacket;
    Gone m_onGone;
    std::map<std::uint64_t, std::unique_ptr<Peer>> m_peers;
    std::size_t m_unproven = 0;
    std::uint64_t m_last = 0;
};

}  // namespace headgate::webrtc
