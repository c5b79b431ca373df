#include "core/media/rtsp/received_media.h"

#include "core/media/flv/parameter_sets.h"
#include "core/media/rtp/opus_body.h"
#include "core/media/rtp/received_packet.h"

#include <utility>

namespace headgate::rtsp {

ReceivedMedia::ReceivedMedia(TrackDescription description, Use use)
    : m_description(std::move(description)),
      m_use(std::move(use)),
      m_track(m_description.clockRate),
      m_pictures(m_description.isVideo() ? m_description.codec : ts::Codec::Avc)
{
    for (const Bytes& set : m_description.sets)
        m_pictures.takeSet(set);
}

void ReceivedMedia::takeRtp(ByteView bytes, MonotonicTime now, Duration sinceStart)
{
    const auto packet = readRtp(bytes, 0);
    if (!packet || packet->header.payloadType != m_description.payloadType)
        return;
    m_track.add(packet->header, packet->payload, now, sinceStart);
    look(now);
}

void ReceivedMedia::takeRtcp(ByteView packet, MonotonicTime now)
{
    readSenderReports(packet, [&](const SenderReport& report) { m_track.takeReport(report, now); });
}

void ReceivedMedia::look(MonotonicTime now)
{
    while (const auto packet = m_track.packets().next(now))
        take(*packet);
}

Bytes ReceivedMedia::report(MonotonicTime now)
{
    Bytes out;
    if (m_track.ssrc() != 0)
        appendReceiverReport(out, m_track.makeReport(now));
    return out;
}

void ReceivedMedia::take(const ReorderBuffer::Packet& packet)
{
    if (m_description.isVideo()) {
        if (auto picture = m_pictures.add(packet))
            takePicture(std::move(*picture));
    } else if (m_description.codec == ts::Codec::Aac) {
        if (packet.followsGap || packet.timestamp != std::exchange(m_fragmentsAt, packet.timestamp))
            m_fragments.clear();
        m_description.isLatm ? takeLatm(packet) : takeAac(packet);
    } else if (!packet.payload.empty()) {
        const std::uint32_t time = m_track.mediaMs(packet.timestamp);
        if (!std::exchange(m_hasHeader, true))
            m_use(opusHeader(time));
        m_use(opusFrame(OpusPacket::CodedFrames, time, packet.payload));
    }
}

void ReceivedMedia::give(FrameKind kind, std::uint32_t timeMs, Bytes body)
{
    m_use(std::make_shared<const MediaFrame>(kind, timeMs, std::move(body)));
}

void ReceivedMedia::takePicture(PictureAssembler::Picture picture)
{
    constexpr std::size_t headSize = 5;
    const bool isAvc = m_description.codec == ts::Codec::Avc;
    if (!picture.header.empty()) {
        const ByteView record = ByteView(picture.header).subspan(headSize);
        m_decodeTimes.setDepth(isAvc ? reorderDepthOfAvcRecord(record) : reorderDepthOfHevcRecord(record));
    }
    const std::uint32_t showAt = m_track.mediaMs(picture.timestamp);
    const std::uint32_t decodeAt = m_decodeTimes.next(showAt);
    if (!picture.header.empty())
        give(FrameKind::Video, decodeAt, std::move(picture.header));
    const std::uint32_t offset = showAt - decodeAt;
    std::uint8_t* const place = picture.body.data() + (isAvc ? 2 : headSize);
    for (int i = 0; i < 3; ++i)
        place[i] = static_cast<std::uint8_t>(offset >> (16 - 8 * i));
    give(FrameKind::Video, decodeAt, std::move(picture.body));
}

// RFC 3640, 3.2.1 and 3.3.6: sizes of 13 bits and indices of 3.
void ReceivedMedia::takeAac(const ReorderBuffer::Packet& packet)
{
    constexpr std::uint32_t samples = 1024;
    ByteReader reader(packet.payload);
    const std::size_t count = reader.u16() / 16;
    ByteReader headers(reader.take(count * 2));
    for (std::size_t i = 0; i < count && reader.ok(); ++i) {
        const std::size_t size = headers.u16() >> 3;
        const bool isPiece = count == 1 && size > reader.remaining();
        if (!isPiece) {
            giveAac(packet.timestamp + static_cast<std::uint32_t>(i) * samples, reader.take(size));
            continue;
        }
        appendView(m_fragments, reader.take(reader.remaining()));
        if (m_fragments.size() >= size)
            giveAac(packet.timestamp, std::exchange(m_fragments, {}));
    }
}

// ISO 14496-3, 1.7.3.1: the unit behind its length in bytes of which 255 means that there is more.
void ReceivedMedia::takeLatm(const ReorderBuffer::Packet& packet)
{
    constexpr std::size_t most = 64 * 1024;
    if (m_fragments.size() + packet.payload.size() > most)
        m_fragments.clear();
    appendView(m_fragments, packet.payload);
    if (!packet.isMarked)
        return;
    const Bytes whole = std::exchange(m_fragments, {});
    ByteReader reader(whole);
    std::size_t size = 0;
    for (std::uint32_t part = 255; part == 255 && reader.ok();)
        size += part = reader.u8();
    giveAac(packet.timestamp, reader.take(size));
}

void ReceivedMedia::giveAac(std::uint32_t timestamp, ByteView unit)
{
    if (unit.empty())
        return;
    const std::uint32_t time = m_track.mediaMs(timestamp);
    if (!std::exchange(m_hasHeader, true)) {
        Bytes header{0xAF, 0};
        appendView(header, m_description.configuration);
        give(FrameKind::Audio, time, std::move(header));
    }
    Bytes body{0xAF, 1};
    appendView(body, unit);
    give(FrameKind::Audio, time, std::move(body));
}

}  // namespace headgate::rtsp
