#include "core/media/webrtc/media_receiver.h"

#include "core/media/rtp/opus_body.h"

#include <algorithm>
#include <utility>

namespace headgate::webrtc {

namespace {

constexpr Duration keyFramePause{300};  // between two wishes

}  // namespace

void MediaReceiver::expect(const MediaAnswer& answer, bool isVideo)
{
    (isVideo ? m_video : m_audio).setPayloadType(answer.codec->payloadType);
    m_transportSequenceId = std::max(m_transportSequenceId, answer.transportSequenceId);
    if (!isVideo)
        return;
    if (answer.repair != nullptr)
        m_repairType = answer.repair->payloadType;
    if (const OpenCodec* const open = openCodecOf(answer.codec->name))
        m_openPictures.emplace(*open);
    if (std::ranges::find(answer.feedback, "goog-remb") != answer.feedback.end())
        m_estimate.emplace();
}

void MediaReceiver::rtpReceived(ByteView packet, MonotonicTime now)
{
    const auto received = readRtp(packet, m_transportSequenceId);
    if (!received)
        return;
    if (received->transportSequence)
        m_arrivals.add(*received->transportSequence,
                       std::chrono::duration_cast<std::chrono::microseconds>(now - m_startedAt));
    const int type = received->header.payloadType;
    m_bytesOfSecond += static_cast<std::int64_t>(packet.size());
    if (type == m_video.payloadType()) {
        m_video.add(received->header, received->payload, now, sinceStart(now));
        pushPictures(now);
    } else if (type == m_repairType) {
        takeRepair(*received, now);
    } else if (type == m_audio.payloadType()) {
        m_audio.add(received->header, received->payload, now, sinceStart(now));
        pushSound(now);
    }
}

// RFC 4588, 4: the first two bytes are the number that it had. What only fills the line has none.
void MediaReceiver::takeRepair(const ReceivedPacket& packet, MonotonicTime now)
{
    constexpr std::size_t numberSize = 2;
    if (packet.payload.size() <= numberSize || m_video.ssrc() == 0)
        return;
    RtpHeader header = packet.header;
    header.sequence = static_cast<std::uint16_t>(packet.payload[0] << 8 | packet.payload[1]);
    header.ssrc = m_video.ssrc();
    m_video.add(header, packet.payload.subspan(numberSize), now, sinceStart(now));
    pushPictures(now);
}

std::optional<PictureAssembler::Picture> MediaReceiver::assemble(const ReorderBuffer::Packet& packet)
{
    return m_openPictures ? m_openPictures->add(packet) : m_pictures.add(packet);
}

bool MediaReceiver::needsKeyFrame() const
{
    return m_openPictures ? m_openPictures->needsKeyFrame() : m_pictures.needsKeyFrame();
}

void MediaReceiver::pushPictures(MonotonicTime now)
{
    while (const auto packet = m_video.packets().next(now)) {
        auto picture = assemble(*packet);
        if (!picture)
            continue;
        const std::uint32_t time = m_video.mediaMs(picture->timestamp);
        if (!picture->header.empty())
            push(std::make_shared<const MediaFrame>(FrameKind::Video, time, std::move(picture->header)), now);
        push(std::make_shared<const MediaFrame>(FrameKind::Video, time, std::move(picture->body)), now);
    }
    if (needsKeyFrame())
        askForKeyFrame(now);
}

void MediaReceiver::pushSound(MonotonicTime now)
{
    while (const auto packet = m_audio.packets().next(now)) {
        if (packet->payload.empty())
            continue;
        const std::uint32_t time = m_audio.mediaMs(packet->timestamp);
        if (!std::exchange(m_hasSound, true))
            push(opusHeader(time), now);
        push(opusFrame(OpusPacket::CodedFrames, time, packet->payload), now);
    }
}

void MediaReceiver::push(SharedFrame frame, MonotonicTime now)
{
    m_lastMedia = now;
    m_hooks.onFrame(std::move(frame));
}

void MediaReceiver::rtcpReceived(ByteView packet, MonotonicTime now)
{
    readSenderReports(packet, [this, now](const SenderReport& report) {
        m_video.takeReport(report, now);
        m_audio.takeReport(report, now);
    });
    m_audio.alignWith(m_video);
}

void MediaReceiver::askForKeyFrame(MonotonicTime now)
{
    if (m_video.ssrc() == 0 || (m_keyFrameAskedAt && now - *m_keyFrameAskedAt < keyFramePause))
        return;
    m_keyFrameAskedAt = now;
    Bytes wish;
    appendPictureLoss(wish, m_video.ssrc());
    m_hooks.sendRtcp(wish);
}

void MediaReceiver::look(MonotonicTime now)
{
    constexpr int looksOfReport = 5;
    const std::vector<std::uint16_t> missing = m_video.packets().missing(now);
    if (!missing.empty()) {
        Bytes wish;
        appendNack(wish, m_video.ssrc(), missing);
        m_hooks.sendRtcp(wish);
    }
    // What waits for a packet that is given up goes on here.
    pushPictures(now);
    pushSound(now);
    if (m_keyFramePeriod && (!m_keyFrameAskedAt || now - *m_keyFrameAskedAt >= *m_keyFramePeriod))
        askForKeyFrame(now);
    m_looks = (m_looks + 1) % looksOfReport;
    const Bytes arrivals = m_looks == 0 ? m_arrivals.take(m_video.ssrc()) : Bytes();
    if (!arrivals.empty())
        m_hooks.sendRtcp(arrivals);
}

void MediaReceiver::report(MonotonicTime now)
{
    for (ReceivedTrack* const track : {&m_video, &m_audio}) {
        if (track->ssrc() == 0)
            continue;
        Bytes out;
        const ReceiverReport said = track->makeReport(now);
        appendReceiverReport(out, said);
        if (track == &m_video && m_estimate)
            appendReceiverBitrate(out, said.ssrc, m_estimate->next(8 * m_bytesOfSecond, said.lostOf256));
        m_hooks.sendRtcp(out);
    }
    m_bytesOfSecond = 0;
}

}  // namespace headgate::webrtc
