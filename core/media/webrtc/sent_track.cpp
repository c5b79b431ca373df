#include "core/media/webrtc/sent_track.h"

#include <openssl/rand.h>

#include <algorithm>

namespace headgate::webrtc {

SentTrack::SentTrack(std::uint32_t ssrc, int payloadType, int clockRate, bool keepsPackets)
    : m_ssrc(ssrc),
      m_payloadType(static_cast<std::uint8_t>(payloadType)),
      m_clockRate(static_cast<std::uint32_t>(clockRate)),
      m_kept(keepsPackets && ssrc != 0 ? mostKept : 0)
{
    ::RAND_bytes(reinterpret_cast<unsigned char*>(&m_next), sizeof m_next);
    ::RAND_bytes(reinterpret_cast<unsigned char*>(&m_offset), sizeof m_offset);
    // Who begins below the middle cannot be taken for one who wrapped around already (RFC 3711, 3.3.1).
    m_next &= 0x7FFF;
}

std::size_t SentTrack::put(const Packet& packet, std::uint16_t sequence, std::span<std::uint8_t> room) const
{
    const ByteView payload = payloadAt(*packet.payloads, packet.at).payload;
    writeRtpHeader(room, {packet.isMarked, m_payloadType, sequence, timestampOf(packet.mediaMs), m_ssrc});
    std::copy(payload.begin(), payload.end(), room.begin() + rtpHeaderSize);
    return rtpHeaderSize + payload.size();
}

std::size_t SentTrack::write(const Packet& packet, MonotonicTime now, std::span<std::uint8_t> room)
{
    const std::uint16_t sequence = m_next++;
    const std::size_t size = put(packet, sequence, room);
    ++m_packets;
    m_bytes += static_cast<std::uint32_t>(size - rtpHeaderSize);
    if (!m_kept.empty())
        m_kept[sequence % mostKept] = Kept{packet, now, sequence, 0};
    return size;
}

std::size_t SentTrack::writeAgain(std::uint16_t sequence, MonotonicTime now, std::span<std::uint8_t> room)
{
    if (m_kept.empty())
        return 0;
    Kept& kept = m_kept[sequence % mostKept];
    if (!kept.packet.payloads || kept.sequence != sequence || kept.resends >= mostResends ||
        now - kept.sentAt < resendPause)
        return 0;
    ++kept.resends;
    kept.sentAt = now;
    return put(kept.packet, sequence, room);
}

}  // namespace headgate::webrtc
