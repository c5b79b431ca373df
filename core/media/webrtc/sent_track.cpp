#include "core/media/webrtc/sent_track.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace headgate::webrtc {

namespace {

// RFC 8285, 4.2: the profile, one word, and in it one element of two bytes.
constexpr std::size_t extensionSize = 8;
constexpr std::size_t extensionSizeWithDelay = 12;  // and an element of three bytes
constexpr std::size_t transportSequenceAt = rtpHeaderSize + 5;

std::size_t putPayload(ByteView payload, std::size_t at, std::span<std::uint8_t> room)
{
    std::copy(payload.begin(), payload.end(), room.subspan(at).begin());
    return at + payload.size();
}

}  // namespace

SentTrack::SentTrack(const SentNumbers& numbers, bool keepsPackets) : m_numbers(numbers), m_keepsPackets(keepsPackets)
{
    ::RAND_bytes(reinterpret_cast<unsigned char*>(&m_next), sizeof m_next);
    ::RAND_bytes(reinterpret_cast<unsigned char*>(&m_offset), sizeof m_offset);
    // Who begins below the middle cannot be taken for one who wrapped around already (RFC 3711, 3.3.1).
    m_next &= 0x7FFF;
}

std::size_t SentTrack::putHeader(RtpHeader header, std::uint32_t mediaMs, std::span<std::uint8_t> room) const
{
    header.timestamp = timestampOf(mediaMs);
    writeRtpHeader(room, header);
    if (!hasTransportSequence())
        return rtpHeaderSize;
    room[0] |= 0x10;
    constexpr unsigned mostDelay = 1000;  // 10 s
    std::array<std::uint8_t, extensionSizeWithDelay> extension{
        0xBE, 0xDE, 0, 1, static_cast<std::uint8_t>(m_numbers.transportSequenceId << 4 | 1)};
    if (!m_leastDelay)
        return putPayload(ByteView(extension).first(extensionSize), rtpHeaderSize, room);
    const unsigned least = *m_leastDelay;
    extension[3] = 2;
    extension[7] = static_cast<std::uint8_t>(m_numbers.playoutDelayId << 4 | 2);
    extension[8] = static_cast<std::uint8_t>(least >> 4);
    extension[9] = static_cast<std::uint8_t>(least << 4 | mostDelay >> 8);
    extension[10] = static_cast<std::uint8_t>(mostDelay);
    return putPayload(extension, rtpHeaderSize, room);
}

void SentTrack::setLeastDelay(Duration delay)
{
    constexpr Duration tick{10};
    if (m_numbers.playoutDelayId != 0 && (m_leastDelay || delay > Duration(0)))
        m_leastDelay = static_cast<std::uint16_t>(delay / tick);
}

void SentTrack::stamp(std::span<std::uint8_t> room, std::uint16_t transportSequence)
{
    room[transportSequenceAt] = static_cast<std::uint8_t>(transportSequence >> 8);
    room[transportSequenceAt + 1] = static_cast<std::uint8_t>(transportSequence);
}

std::size_t SentTrack::write(const Packet& packet, MonotonicTime now, std::span<std::uint8_t> room)
{
    const std::uint16_t sequence = m_next++;
    const ByteView payload = payloadAt(*packet.payloads, packet.at).payload;
    const std::size_t at =
        putHeader({packet.isMarked, static_cast<std::uint8_t>(m_numbers.payloadType), sequence, 0, m_numbers.ssrc},
                  packet.mediaMs, room);
    ++m_packets;
    m_bytes += static_cast<std::uint32_t>(payload.size());
    if (m_keepsPackets)
        keep(packet, sequence, now);
    return putPayload(payload, at, room);
}

// Padding alone, whose last byte counts it (RFC 3550, 5.1).
std::size_t SentTrack::writeFiller(std::uint32_t mediaMs, std::span<std::uint8_t> room)
{
    constexpr std::uint8_t padding = 255;
    constexpr std::uint8_t paddingBit = 0x20;
    const RtpHeader header{false, static_cast<std::uint8_t>(m_numbers.repairPayloadType), m_nextRepair++, 0,
                           m_numbers.repairSsrc};
    const std::size_t at = putHeader(header, mediaMs, room);
    room[0] |= paddingBit;
    std::ranges::fill(room.subspan(at, padding), std::uint8_t{0});
    room[at + padding - 1] = padding;
    return at + padding;
}

void SentTrack::keep(const Packet& packet, std::uint16_t sequence, MonotonicTime now)
{
    if (packet.at == 0 || m_kept.empty())
        m_kept.push_back({packet.payloads, now, packet.mediaMs, sequence, 0, false});
    Kept& last = m_kept.back();
    last.sentAt = now;
    last.endsMarked = packet.isMarked;
    ++last.count;
    ++m_keptPackets;
    while (m_kept.size() > 1 && (m_keptPackets > mostKept || now - m_kept.front().sentAt > longestKept))
        forgetFirst();
}

void SentTrack::forgetFirst()
{
    const Kept& first = m_kept.front();
    for (std::uint16_t i = 0; i < first.count && !m_resent.empty(); ++i)
        m_resent.erase(static_cast<std::uint16_t>(first.first + i));
    m_keptPackets -= first.count;
    m_kept.pop_front();
}

std::vector<std::uint16_t> SentTrack::sentAfter(MonotonicTime time, std::size_t most) const
{
    std::vector<std::uint16_t> sequences;
    for (const Kept& each : m_kept) {
        for (std::uint16_t i = 0; each.sentAt > time && i < each.count && sequences.size() < most; ++i)
            sequences.push_back(static_cast<std::uint16_t>(each.first + i));
    }
    return sequences;
}

std::size_t SentTrack::writeAgain(std::uint16_t sequence, MonotonicTime now, std::span<std::uint8_t> room)
{
    const auto kept = std::ranges::find_if(m_kept, [sequence](const Kept& each) {
        return static_cast<std::uint16_t>(sequence - each.first) < each.count;
    });
    if (kept == m_kept.end())
        return 0;
    Resent& resent = m_resent.try_emplace(sequence, Resent{kept->sentAt}).first->second;
    if (resent.times >= mostResends || now - resent.at < resendPause)
        return 0;
    ++resent.times;
    resent.at = now;
    Packet packet{kept->payloads, 0, kept->mediaMs, false};
    const auto place = static_cast<std::uint16_t>(sequence - kept->first);
    for (std::uint16_t i = 0; i < place; ++i)
        packet.at = payloadAt(*packet.payloads, packet.at).next;
    packet.isMarked = kept->endsMarked && place + 1 == kept->count;
    const ByteView payload = payloadAt(*packet.payloads, packet.at).payload;
    RtpHeader header{packet.isMarked, static_cast<std::uint8_t>(m_numbers.payloadType), sequence, 0, m_numbers.ssrc};
    if (m_numbers.repairSsrc == 0)
        return putPayload(payload, putHeader(header, packet.mediaMs, room), room);
    header.payloadType = static_cast<std::uint8_t>(m_numbers.repairPayloadType);
    header.sequence = m_nextRepair++;
    header.ssrc = m_numbers.repairSsrc;
    const std::array<std::uint8_t, 2> original{static_cast<std::uint8_t>(sequence >> 8),
                                               static_cast<std::uint8_t>(sequence)};
    return putPayload(payload, putPayload(original, putHeader(header, packet.mediaMs, room), room), room);
}

}  // namespace headgate::webrtc
