#include "core/media/webrtc/secure_link.h"

#include "core/media/webrtc/packet_kind.h"

#include <utility>

namespace headgate::webrtc {

SecureLink::SecureLink(EventLoop& loop, const DtlsIdentity& identity, Fingerprint peer, SecureLinkOwner& owner,
                       DtlsRole role)
    : m_owner(owner),
      m_dtls(
          identity, std::move(peer), [&owner](ByteView datagram) { owner.sendDatagram(datagram); }, role),
      m_retransmission(loop)
{}

void SecureLink::begin()
{
    m_dtls.begin();
    proceed(m_dtls.state());
}

void SecureLink::receive(std::span<std::uint8_t> datagram)
{
    const PacketKind kind = kindOf(datagram);
    if (kind == PacketKind::Dtls)
        return proceed(m_dtls.receive(datagram));
    if (!m_srtp)
        return;
    if (kind == PacketKind::Rtcp) {
        if (const auto packet = m_srtp->unprotectRtcp(datagram))
            m_owner.rtcpReceived(*packet);
    } else if (kind == PacketKind::Rtp) {
        if (const auto packet = m_srtp->unprotect(datagram))
            m_owner.rtpReceived(*packet);
    }
}

void SecureLink::proceed(DtlsEndpoint::State state)
{
    if (state == DtlsEndpoint::State::ShakingHands) {
        if (const auto wait = m_dtls.retransmitsIn())
            m_retransmission.start(*wait, [this] { proceed(m_dtls.retransmit()); });
        return;
    }
    m_retransmission.stop();
    if (state == DtlsEndpoint::State::Ended)
        return m_owner.linkEnded(m_dtls.failure());
    if (m_srtp)
        return;
    auto link = SrtpLink::make(m_dtls.keys());
    if (!link)
        return m_owner.linkEnded(link.error().message);
    m_srtp = std::move(*link);
    m_owner.keysAgreed();
}

void SecureLink::sendRtcp(const Bytes& packet)
{
    if (!m_srtp)
        return;
    Bytes room = packet;
    room.resize(packet.size() + mostSrtpTrailer);
    if (const auto size = m_srtp->protectRtcp(room, packet.size()))
        m_owner.sendDatagram(ByteView(room).first(*size));
}

void SecureLink::close()
{
    m_retransmission.stop();
    m_dtls.close();
}

}  // namespace headgate::webrtc
