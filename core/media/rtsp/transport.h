#pragma once

#include "core/base/result.h"
#include "core/media/net/datagrams.h"
#include "core/media/net/event_loop.h"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace headgate::rtsp {

// How a track is to travel, as a client asks for it (RFC 2326, 12.39).
struct TransportWish
{
    bool isInterleaved = false;
    // Channels, or the client's ports: of RTP and of RTCP. None: channels that the server chooses.
    std::optional<std::pair<int, int>> places{};

    bool operator==(const TransportWish&) const = default;
};

// The first of the list that is spoken here: RTP/AVP, unicast, over TCP or UDP.
std::optional<TransportWish> chooseTransport(std::string_view field);

// Two neighbouring UDP ports for one track of one client, connected to the two of that client, so that nothing goes to
// anybody else and nothing of anybody else comes in.
class UdpPair
{
public:
    // Unavailable if there are no ports or descriptors.
    static Result<std::unique_ptr<UdpPair>> open(const std::string& host, const std::string& peerHost,
                                                 std::pair<int, int> peerPorts);
    ~UdpPair() { unwatch(); }
    UdpPair(const UdpPair&) = delete;
    UdpPair& operator=(const UdpPair&) = delete;

    std::uint16_t port() const { return m_port; }  // of RTP; that of RTCP is the next one

    enum class Kind
    {
        Rtp,
        Rtcp
    };
    using Use = std::function<void(Kind, ByteView)>;
    void watch(EventLoop& loop, Use use);
    void unwatch();

    int descriptor() const { return m_sockets[0].fd(); }
    const DatagramAddress& peer() const { return m_peer; }
    void sendRtcp(ByteView packet) const;

private:
    UdpPair(std::array<Socket, 2> sockets, std::uint16_t port, DatagramAddress peer)
        : m_sockets(std::move(sockets)), m_port(port), m_peer(peer)
    {}
    void receive(Kind kind);

    std::array<Socket, 2> m_sockets;  // RTP, RTCP
    std::uint16_t m_port;
    DatagramAddress m_peer;  // of RTP
    EventLoop* m_loop = nullptr;
    Use m_use;
};

// Where a track travels.
struct Route
{
    std::pair<int, int> channels;  // of the connection, for RTP and RTCP
    std::unique_ptr<UdpPair> udp;  // null: by the connection
};

// A packet between the messages of a connection (RFC 2326, 10.12).
void appendInterleaved(Bytes& out, int channel, ByteView packet);

}  // namespace headgate::rtsp
