#pragma once

#include "core/media/net/event_loop.h"
#include "core/media/webrtc/dtls.h"

#include <optional>

namespace headgate::webrtc {

class SecureLinkOwner
{
public:
    virtual ~SecureLinkOwner() = default;
    virtual void sendDatagram(ByteView datagram) = 0;
    virtual void keysAgreed() = 0;  // it is connected
    virtual void rtpReceived(ByteView packet) = 0;
    virtual void rtcpReceived(ByteView packet) = 0;
    virtual void linkEnded(std::string_view why) = 0;  // empty if the other side left
};

// One side of DTLS-SRTP (RFC 5764), for both sides: the handshake with its retransmissions, and what comes once there
// are keys. Must outlive each call to its owner.
class SecureLink
{
public:
    // The peer must show the certificate with that fingerprint.
    SecureLink(EventLoop& loop, const DtlsIdentity& identity, Fingerprint peer, SecureLinkOwner& owner,
               DtlsRole role = DtlsRole::Server);
    SecureLink(const SecureLink&) = delete;
    SecureLink& operator=(const SecureLink&) = delete;

    void begin();  // of a client, once

    // Whatever comes from the peer's address; what is protected is opened in place, and what is none of its is left
    // out.
    void receive(std::span<std::uint8_t> datagram);

    SrtpLink* srtp() { return m_srtp ? &*m_srtp : nullptr; }  // once connected
    void sendRtcp(const Bytes& packet);                       // nothing before

    // Tells the other side, and nobody else.
    void close();

    // To another loop, once connected.
    void moveTo(EventLoop& to) { m_retransmission.moveTo(to); }

private:
    void proceed(DtlsEndpoint::State state);

    SecureLinkOwner& m_owner;
    DtlsEndpoint m_dtls;
    std::optional<SrtpLink> m_srtp;
    Timer m_retransmission;
};

}  // namespace headgate::webrtc
