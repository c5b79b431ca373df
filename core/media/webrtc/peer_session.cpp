#include "core/media/webrtc/peer_session.h"

#include "core/media/webrtc/packet_kind.h"

#include <sys/socket.h>

#include <utility>

namespace headgate::webrtc {

namespace {

void sendFramed(const PeerContext& context, std::uint64_t connection, Bytes framed)
{
    context.loops.atHome([&port = context.port, connection, bytes = std::move(framed)](LoopGroup&) mutable {
        port.sendFramed(connection, std::move(bytes));
    });
}

}  // namespace

void PacketBatch::flush()
{
    m_datagrams.flush();
    if (!m_framed.empty())
        sendFramed(m_context, m_to.connection, std::exchange(m_framed, {}));
}

PeerSession::PeerSession(const PeerContext& context, std::string peer)
    : m_context(context),
      m_peer(std::move(peer)),
      m_setupTimer(context.loops.home().loop()),
      m_retransmission(context.loops.home().loop())
{}

UdpPort::Ice PeerSession::openFor(const SessionDescription& description, const std::string& resource)
{
    const UdpPort::Ice ice{IceCredentials::random(), {}};
    m_context.port.add(*this, host(), resource, ice);
    if (!description.ice.ufrag.empty())
        expect(description);
    m_setupTimer.start(setupTime, [this] { end("not connected within 15 s"); });
    return ice;
}

void PeerSession::expect(const SessionDescription& description)
{
    m_dtls.emplace(m_context.port.identity(), description.fingerprint,
                   [this](ByteView datagram) { sendRaw(datagram); });
    m_context.port.restart(id(), {m_context.port.ice(id())->local, description.ice.ufrag});
}

tl::unexpected<Error> PeerSession::unasked()
{
    return fail(ErrorCode::AlreadyExists, "This session awaits no answer: it was made, or has one.",
                "Begin another with an empty POST.");
}

AnswerContext PeerSession::answerContext(const UdpPort::Ice& ice) const
{
    return {ice.local, m_context.port.identity().fingerprint(), m_context.port.candidates()};
}

void PeerSession::datagramReceived(std::span<std::uint8_t> bytes)
{
    if (m_isOver || !m_dtls)
        return;
    const PacketKind kind = kindOf(bytes);
    if (kind == PacketKind::Dtls)
        return handshake(m_dtls->receive(bytes));
    if (!m_srtp)
        return;
    if (kind == PacketKind::Rtcp) {
        if (const auto packet = m_srtp->unprotectRtcp(bytes))
            rtcpReceived(*packet);
    } else if (kind == PacketKind::Rtp) {
        if (const auto packet = m_srtp->unprotect(bytes))
            rtpReceived(*packet);
    }
}

void PeerSession::handshake(DtlsEndpoint::State state)
{
    if (state == DtlsEndpoint::State::Ended)
        return end(m_dtls->failure().empty() ? leftReason : std::string_view(m_dtls->failure()));
    if (state == DtlsEndpoint::State::ShakingHands) {
        if (const auto wait = m_dtls->retransmitsIn())
            m_retransmission.start(*wait, [this] { handshake(m_dtls->retransmit()); });
        return;
    }
    m_retransmission.stop();
    if (m_srtp)
        return;
    auto link = SrtpLink::make(m_dtls->keys());
    if (!link)
        return end(link.error().message);
    m_srtp = std::move(*link);
    m_setupTimer.stop();
    connected();
}

void PeerSession::sendRaw(ByteView datagram)
{
    if (!m_path.isKnown())
        return;
    countSent(datagram.size());
    if (m_path.connection == 0) {
        ::sendto(m_context.port.descriptor(), datagram.data(), datagram.size(), 0,
                 static_cast<const sockaddr*>(m_path.address.raw()), m_path.address.rawSize());
        return;
    }
    Bytes framed;
    appendFramed(framed, datagram);
    sendFramed(m_context, m_path.connection, std::move(framed));
}

void PeerSession::sendRtcp(const Bytes& packet)
{
    if (!m_srtp)
        return;
    Bytes room = packet;
    room.resize(packet.size() + mostSrtpTrailer);
    if (const auto size = m_srtp->protectRtcp(room, packet.size()))
        sendRaw(ByteView(room).first(*size));
}

void PeerSession::countSent(std::size_t bytes)
{
    m_bytesSent += bytes;
    host().loop().countSent(bytes);
}

void PeerSession::moveTo(EventLoop& to)
{
    m_setupTimer.moveTo(to);
    m_retransmission.moveTo(to);
}

void PeerSession::arrived(Stream*)
{
    m_context.loops.atHome(
        [&port = m_context.port, session = id(), to = &host()](LoopGroup&) { port.moved(session, *to); });
}

void PeerSession::end(std::string_view reason)
{
    if (std::exchange(m_isOver, true))
        return;
    m_context.log.client("webrtc " + m_peer + ": ended: " + std::string(reason));
    m_setupTimer.stop();
    m_retransmission.stop();
    leave(reason);
    if (m_dtls)
        m_dtls->close();
    m_context.loops.atHome([&port = m_context.port, session = id()](LoopGroup&) { port.remove(session); });
    host().remove(*this);
}

}  // namespace headgate::webrtc
