#pragma once

#include "core/media/hub/loop_group.h"
#include "core/media/hub/session_gate.h"
#include "core/media/net/log.h"
#include "core/media/webrtc/secure_link.h"
#include "core/media/webrtc/udp_port.h"

#include <functional>
#include <optional>
#include <string>

namespace headgate::webrtc {

// What all sessions work with.
struct PeerContext
{
    LoopGroup& loops;
    SessionGate& gate;  // for the main loop's thread
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

// Packets to one peer, given to the system in one call, or behind their lengths to the connection of the main loop.
class PacketBatch
{
public:
    PacketBatch(const PeerContext& context, const PeerPath& to)
        : m_context(context), m_to(to), m_datagrams(context.port.descriptor(), to.address)
    {}

    // As of DatagramBatch.
    std::span<std::uint8_t> room() { return m_datagrams.room(); }
    void commit(std::size_t size)
    {
        if (m_to.connection == 0)
            m_datagrams.commit(size);
        else
            appendFramed(m_framed, room().first(size));
    }
    bool isFull() const
    {
        return m_datagrams.isFull() || m_framed.size() >= DatagramBatch::most * DatagramBatch::largest;
    }
    void flush();

private:
    const PeerContext& m_context;
    const PeerPath& m_to;
    DatagramBatch m_datagrams;
    Bytes m_framed;
};

// One peer connection: keys by DTLS, and packets protected with them. What it is for is the matter of those who derive.
class PeerSession : public Session, protected SecureLinkOwner
{
public:
    // What is said of one that ended by its own wish.
    static constexpr std::string_view leftReason = "left";
    // Who was answered has so long to connect.
    static constexpr Duration setupTime{15'000};

    // By the port, on this session's loop.
    void datagramReceived(std::span<std::uint8_t> bytes);
    void pathChanged(const PeerPath& path)
    {
        m_path = path;
        networkChanged();
    }

    void disconnect(std::string_view reason) override { end(reason); }

    // The peer's answer to an offer that was made to it, on the main loop. AlreadyExists if none is awaited.
    virtual Result<void> takeAnswer(const SessionDescription&) { return unasked(); }
    static tl::unexpected<Error> unasked();

protected:
    PeerSession(const PeerContext& context, std::string peer);

    // Makes it known to the port. On the main loop, once. What the description does not tell is told to expect().
    UdpPort::Ice openFor(const SessionDescription& description, const std::string& resource);
    void expect(const SessionDescription& description);
    AnswerContext answerContext(const UdpPort::Ice& ice) const;

    virtual void connected() = 0;     // the keys are there; on the main loop
    virtual void networkChanged() {}  // it is reached elsewhere

    // It ends: leaves its stream.
    virtual void leave(std::string_view reason) = 0;
    void end(std::string_view reason);

    void moveTo(EventLoop& to) override;
    void arrived(Stream* stream) override;

    const PeerContext& context() const { return m_context; }
    const std::string& peer() const { return m_peer; }              // who asked, over HTTP
    const PeerPath& path() const { return m_path; }                 // where packets go
    SrtpLink* srtp() { return m_link ? m_link->srtp() : nullptr; }  // once connected, which it is on the main loop
    Timer& setupTimer() { return m_setupTimer; }
    bool isOver() const { return m_isOver; }

    void sendRtcp(const Bytes& packet)
    {
        if (m_link)
            m_link->sendRtcp(packet);
    }
    void countSent(std::size_t bytes);
    std::uint64_t bytesSent() const { return m_bytesSent; }

private:
    void sendDatagram(ByteView datagram) override;
    void keysAgreed() override;
    void linkEnded(std::string_view why) override { end(why.empty() ? leftReason : why); }

    PeerContext m_context;
    std::string m_peer;
    PeerPath m_path;
    std::optional<SecureLink> m_link;  // once it is known whom to expect
    Timer m_setupTimer;
    std::uint64_t m_bytesSent = 0;
    bool m_isOver = false;
};

}  // namespace headgate::webrtc
