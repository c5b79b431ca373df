#include "core/media/preview/flv_demuxer.h"

#include "core/media/flv/tag_body.h"

namespace headgate {

std::chrono::milliseconds TagPackets::timeOf(std::uint32_t timestampMs)
{
    // The shorter way around the circle of 2^32 ms.
    const std::uint32_t last = m_lastTimestampMs.value_or(0);
    m_lastTime += std::chrono::milliseconds(static_cast<std::int32_t>(timestampMs - last));
    m_lastTimestampMs = timestampMs;
    return m_lastTime;
}

std::optional<CodedPacket> TagPackets::take(TagType type, std::uint32_t timestampMs, ByteView bytes)
{
    if (type == TagType::Script)
        return std::nullopt;
    const bool isVideo = type == TagType::Video;
    const BodyDescription body = isVideo ? describeVideoBody(bytes) : describeAudioBody(bytes);
    const bool isUseful = body.isSequenceHeader || body.isCodedFrame;
    if (!isUseful || body.track != 0 || body.payloadSize == 0)
        return std::nullopt;
    CodedPacket packet;
    packet.kind = isVideo ? CodedPacket::Kind::Video : CodedPacket::Kind::Audio;
    packet.codec = body.codec;
    packet.isConfiguration = body.isSequenceHeader;
    packet.isKeyFrame = body.isKeyFrame;
    packet.decodingTime = timeOf(timestampMs);
    packet.presentationTime = packet.decodingTime + std::chrono::milliseconds(body.compositionOffsetMs);
    const ByteView payload = bytes.subspan(body.headerSize, body.payloadSize);
    packet.bytes.assign(payload.begin(), payload.end());
    return packet;
}

std::optional<CodedPacket> FlvDemuxer::next()
{
    while (const auto tag = m_reader.next()) {
        if (auto packet = m_packets.take(tag->type, tag->timestampMs, tag->body))
            return packet;
    }
    return std::nullopt;
}

}  // namespace headgate
