#pragma once

#include "core/media/net/bytes.h"

namespace headgate::webrtc {

// What shares one port (RFC 7983, 7; RFC 5761, 4).
enum class PacketKind
{
    Stun,
    Dtls,
    Rtp,
    Rtcp,
    Unknown
};

inline PacketKind kindOf(ByteView datagram)
{
    if (datagram.size() < 2)
        return PacketKind::Unknown;
    const std::uint8_t first = datagram[0];
    if (first < 4)
        return PacketKind::Stun;
    if (first >= 20 && first < 64)
        return PacketKind::Dtls;
    if (first < 128 || first >= 192)
        return PacketKind::Unknown;
    return datagram[1] >= 192 && datagram[1] < 224 ? PacketKind::Rtcp : PacketKind::Rtp;
}

}  // namespace headgate::webrtc
