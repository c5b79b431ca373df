#include "core/media/bench/paced_publisher.h"

#include <algorithm>

namespace headgate::bench {

namespace {

void appendU64(Bytes& out, std::uint64_t value)
{
    appendU32(out, static_cast<std::uint32_t>(value >> 32));
    appendU32(out, static_cast<std::uint32_t>(value));
}

}  // namespace

void PacedPublisher::sendDue(std::uint64_t now)
{
    if (m_client.state() != LoadClient::State::Streaming)
        return;
    if (m_firstNs == 0)
        m_firstNs = now;
    for (;;) {
        const std::uint64_t dueNs =
            m_firstNs + m_sent / m_period->size() * streamPeriodNs + (*m_period)[m_sent % m_period->size()].dueNs;
        if (dueNs > now)
            return;
        sendOne(dueNs, now);
    }
}

void PacedPublisher::sendOne(std::uint64_t dueNs, std::uint64_t now)
{
    const StreamMessage& shape = (*m_period)[m_sent % m_period->size()];
    rtmp::Message message;
    message.type = shape.isVideo ? rtmp::MessageType::Video : rtmp::MessageType::Audio;
    message.streamId = 1;
    message.timestampMs = static_cast<std::uint32_t>((dueNs - m_firstNs) / 1'000'000);
    message.payload.reserve(shape.size);
    // H.264 in one piece, or AAC; what follows is no picture, which no server looks into.
    appendU8(message.payload, shape.isVideo ? (shape.isKeyFrame ? 0x17 : 0x27) : 0xAF);
    appendU32(message.payload, 0x01000000);
    appendU32(message.payload, stampMark);
    appendU64(message.payload, m_sent + 1);
    appendU64(message.payload, now);
    message.payload.resize(std::max(shape.size, message.payload.size()));
    m_behind += m_client.send(message, shape.isVideo ? rtmp::videoChunkStream : rtmp::audioChunkStream) ? 0 : 1;
    ++m_sent;
}

}  // namespace headgate::bench
