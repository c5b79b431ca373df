#include "core/media/preview/flv_demuxer.h"

#include "core/media/flv/tag_body.h"

namespace headgate {

std::chrono::milliseconds FlvDemuxer::timeOf(std::uint32_t timestampMs)
{
    // The shorter way around the circle of 2^32 ms.
    const std::uint32_t last = m_lastTimestampMs.value_or(0);
    m_lastTime += std::chrono::milliseconds(static_cast<std::int32_t>(timestampMs - last));
    m_lastTimestampMs = timestampMs;
    return m_lastTime;
}

std::optional<CodedPacket> FlvDemuxer::next()
{
    while (const auto tag = m_reader.next()) {
        if (tag->type == TagType::Script)
            continue;
        const bool isVideo = tag->type == TagType::Video;
        const BodyDescription body = isVideo ? describeVideoBody(tag->body) : describeAudioBody(tag->body);
        const bool isUseful = body.isSequenceHeader || body.isCodedFrame;
        if (!isUseful || body.track != 0 || body.payloadSize == 0)
            continue;
        CodedPacket packet;
        packet.kind = isVideo ? CodedPacket::Kind::Video : CodedPacket::Kind::Audio;
        packet.codec = body.codec;
        packet.isConfiguration = body.isSequenceHeader;
        packet.isKeyFrame = body.isKeyFrame;
        packet.decodingTime = timeOf(tag->timestampMs);
        packet.presentationTime = packet.decodingTime + std::chrono::milliseconds(body.compositionOffsetMs);
        const ByteView payload = ByteView(tag->body).subspan(body.headerSize, body.payloadSize);
        packet.bytes.assign(payload.begin(), payload.end());
        return packet;
    }
    return std::nullopt;
}

}  // namespace headgate
