#pragma once

#include "core/media/hub/loop_group.h"
#include "core/media/hub/session_gate.h"
#include "core/media/net/log.h"
#include "core/media/webrtc/udp_port.h"

#include <functional>
#include <optional>
#include <string>

namespace headgate::webrtc {

class Feeds;

// What all sessions work with.
struct PeerContext
{
    LoopGroup& loops;
    SessionGate& gate;  // for the main loop's thread
    Feeds& feeds;       // as well
    UdpPort& port;      // as well, but to send
    const Log& log;
};

// What HTTP answers to a wish that was granted.
struct Granted
{
    std::string answer;  // SDP
    std::string resource;
    std::string tag;  // of the ICE session
};
using GrantAnswer = std::function<void(Result<Granted>)>;

// One peer connection: keys by DTLS, and packets protected with them. What it is for is the matter of those who derive.
class PeerSession : public Session
{
public:
    // What is said of one that ended by its own wish.
    static constexpr std::string_view leftReason = "left";
    // Who was answered has so long to connect.
    static constexpr Duration setupTime{15'000};

    // By the port, on this session's loop.
    void datagramReceived(std::span<std::uint8_t> bytes);
    void addressChanged(const DatagramAddress& address) { m_address = address; }

    void disconnect(std::string_view reason) override { end(reason); }

protected:
    PeerSession(const PeerContext& context, std::string peer);

    // Makes it known to the port. On the main loop, once.
    UdpPort::Ice openFor(const SessionDescription& description, const std::string& resource);

    // The keys are there; on the main loop.
    virtual void connected() = 0;
    virtual void rtpReceived(ByteView packet) = 0;
    virtual void rtcpReceived(ByteView packet) = 0;

    // It ends: leaves its stream.
    virtual void leave(std::string_view reason) = 0;
    void end(std::string_view reason);

    void moveTo(EventLoop& to) override;
    void arrived(Stream* stream) override;

    const PeerContext& context() const { return m_context; }
    const std::string& peer() const { return m_peer; }            // who asked, over HTTP
    const DatagramAddress& address() const { return m_address; }  // where packets go
    SrtpLink* srtp() { return m_srtp ? &*m_srtp : nullptr; }      // once connected
    Timer& setupTimer() { return m_setupTimer; }
    bool isOver() const { return m_isOver; }

    void sendRtcp(const Bytes& packet);
    void countSent(std::size_t bytes);
    std::uint64_t bytesSent() const { return m_bytesSent; }

private:
    void handshake(DtlsEndpoint::State state);
    void sendRaw(ByteView datagram);

    PeerContext m_context;
    std::string m_peer;
    DatagramAddress m_address;
    std::optional<DtlsEndpoint> m_dtls;
    std::optional<SrtpLink> m_srtp;
    Timer m_setupTimer;
    Timer m_retransmission;  // of the handshake
    std::uint64_t m_bytesSent = 0;
    bool m_isOver = false;
};

}  // namespace headgate::webrtc
