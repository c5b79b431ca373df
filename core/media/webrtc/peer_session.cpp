#include "core/media/webrtc/peer_session.h"

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
    : m_context(context), m_peer(std::move(peer)), m_setupTimer(context.loops.home().loop())
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
    m_link.emplace(m_context.loops.home().loop(), m_context.port.identity(), description.fingerprint,
                   static_cast<SecureLinkOwner&>(*this));
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
    if (!m_isOver && m_link)
        m_link->receive(bytes);
}

void PeerSession::keysAgreed()
{
    m_setupTimer.stop();
    connected();
}

void PeerSession::sendDatagram(ByteView datagram)
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

void PeerSession::countSent(std::size_t bytes)
{
    m_bytesSent += bytes;
    host().loop().countSent(bytes);
}

void PeerSession::moveTo(EventLoop& to)
{
    m_setupTimer.moveTo(to);
    if (m_link)
        m_link->moveTo(to);
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
    leave(reason);
    if (m_link)
        m_link->close();
    m_context.loops.atHome([&port = m_context.port, session = id()](LoopGroup&) { port.remove(session); });
    host().remove(*this);
}

}  // namespace headgate::webrtc
