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
    m_transportSequenceId = std::max(m_transportSequenceId, answer.transportSequenceId);
    if (!isVideo)
        return m_audio.setPayloadType(answer.codec->payloadType);
    m_pictureType = answer.codec->payloadType;
    m_ridExtensions = answer.ridExtensions;
    if (answer.repair != nullptr)
        m_repairType = answer.repair->payloadType;
    m_layers = std::vector<Layer>(std::max<std::size_t>(1, answer.rids.size()));
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        m_layers[i].rid = answer.rids.empty() ? std::string() : answer.rids[i];
        if (const OpenCodec* const open = openCodecOf(answer.codec->name))
            m_layers[i].openPictures.emplace(*open);
    }
    if (m_layers.size() > 1)
        m_published.emplace(m_layers.size());
    if (std::ranges::find(answer.feedback, "goog-remb") != answer.feedback.end())
        m_estimate.emplace();
}

void MediaReceiver::rtpReceived(ByteView packet, MonotonicTime now)
{
    const auto received = readRtp(packet, m_transportSequenceId, m_ridExtensions);
    if (!received)
        return;
    if (received->transportSequence)
        m_arrivals.add(*received->transportSequence,
                       std::chrono::duration_cast<std::chrono::microseconds>(now - m_startedAt));
    const int type = received->header.payloadType;
    m_bytesOfSecond += static_cast<std::int64_t>(packet.size());
    if (type == m_pictureType) {
        const std::size_t layer = layerOf(*received);
        if (layer == m_layers.size())
            return;
        m_layers[layer].lastPacket = now;
        m_layers[layer].track.add(received->header, received->payload, now, sinceStart(now));
        pushPictures(layer, now);
    } else if (type == m_repairType) {
        takeRepair(*received, now);
    } else if (type == m_audio.payloadType()) {
        m_audio.add(received->header, received->payload, now, sinceStart(now));
        pushSound(now);
    }
}

// Packets tell their layer until the sender has heard that one arrived.
std::size_t MediaReceiver::layerOf(const ReceivedPacket& packet) const
{
    if (m_layers.size() == 1)
        return 0;
    const auto found = std::ranges::find_if(m_layers, [&packet](const Layer& layer) {
        return packet.rid.empty() ? layer.track.ssrc() == packet.header.ssrc : layer.rid == packet.rid;
    });
    return static_cast<std::size_t>(found - m_layers.begin());
}

std::size_t MediaReceiver::repairedBy(const ReceivedPacket& packet) const
{
    if (m_layers.size() == 1)
        return 0;
    const auto found = std::ranges::find_if(m_layers, [&packet](const Layer& layer) {
        return packet.repairedRid.empty() ? layer.repairSsrc == packet.header.ssrc : layer.rid == packet.repairedRid;
    });
    return static_cast<std::size_t>(found - m_layers.begin());
}

std::uint32_t MediaReceiver::pictureSsrc() const
{
    const auto begun = std::ranges::find_if(m_layers, [](const Layer& layer) { return layer.track.ssrc() != 0; });
    return begun == m_layers.end() ? 0 : begun->track.ssrc();
}

// RFC 4588, 4: the first two bytes are the number that it had. What only fills the line has none.
void MediaReceiver::takeRepair(const ReceivedPacket& packet, MonotonicTime now)
{
    constexpr std::size_t numberSize = 2;
    const std::size_t repaired = repairedBy(packet);
    if (repaired == m_layers.size())
        return;
    Layer& layer = m_layers[repaired];
    layer.repairSsrc = packet.header.ssrc;
    if (packet.payload.size() <= numberSize || layer.track.ssrc() == 0)
        return;
    RtpHeader header = packet.header;
    header.sequence = static_cast<std::uint16_t>(packet.payload[0] << 8 | packet.payload[1]);
    header.ssrc = layer.track.ssrc();
    layer.track.add(header, packet.payload.subspan(numberSize), now, sinceStart(now));
    pushPictures(repaired, now);
}

void MediaReceiver::pushPictures(std::size_t index, MonotonicTime now)
{
    constexpr Duration longestSilence{1000};  // who sends nothing is not asked again and again
    Layer& layer = m_layers[index];
    while (const auto packet = layer.track.packets().next(now)) {
        auto picture = layer.openPictures ? layer.openPictures->add(*packet) : layer.pictures.add(*packet);
        if (!picture)
            continue;
        const std::uint32_t time = layer.track.mediaMs(picture->timestamp);
        if (!picture->header.empty())
            pushPicture(index, std::make_shared<const MediaFrame>(FrameKind::Video, time, std::move(picture->header)),
                        now);
        pushPicture(index, std::make_shared<const MediaFrame>(FrameKind::Video, time, std::move(picture->body)), now);
    }
    const bool needsKeyFrame =
        layer.openPictures ? layer.openPictures->needsKeyFrame() : layer.pictures.needsKeyFrame();
    if (!needsKeyFrame || (m_published && now - layer.lastPacket > longestSilence))
        return;
    Bytes wish;
    askFor(layer, now, wish);
    if (!wish.empty())
        m_hooks.sendRtcp(wish);
}

void MediaReceiver::pushPicture(std::size_t layer, SharedFrame frame, MonotonicTime now)
{
    if (m_published)
        m_published->take(layer, frame, now, [this, now](SharedFrame each) { push(std::move(each), now); });
    else
        push(std::move(frame), now);
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

// Everything is placed beside the layer that came first.
void MediaReceiver::rtcpReceived(ByteView packet, MonotonicTime now)
{
    readSenderReports(packet, [this, now](const SenderReport& report) {
        for (Layer& layer : m_layers)
            layer.track.takeReport(report, now);
        m_audio.takeReport(report, now);
    });
    if (m_layers.empty())
        return;
    for (std::size_t i = 0; i < m_layers.size() && !m_layers[m_reference].track.hasClock(); ++i)
        m_reference = i;
    const ReceivedTrack& reference = m_layers[m_reference].track;
    m_audio.alignWith(reference);
    for (Layer& layer : m_layers) {
        if (&layer.track != &reference)
            layer.track.alignWith(reference);
    }
}

void MediaReceiver::askFor(Layer& layer, MonotonicTime now, Bytes& wish)
{
    if (layer.track.ssrc() == 0 || (layer.keyFrameAskedAt && now - *layer.keyFrameAskedAt < keyFramePause))
        return;
    layer.keyFrameAskedAt = now;
    if (!m_published)
        m_keyFramesAskedAt = now;
    appendPictureLoss(wish, layer.track.ssrc());
}

void MediaReceiver::askForKeyFrame(MonotonicTime now, int layer)
{
    std::size_t wanted = layer > 0 ? static_cast<std::size_t>(layer - 1) : 0;
    if (layer == 0 && m_published)
        wanted = m_published->leading();
    Bytes wish;
    if (wanted < m_layers.size())
        askFor(m_layers[wanted], now, wish);
    if (!wish.empty())
        m_hooks.sendRtcp(wish);
}

// Of all that are sent at the same time, since some encoders make all of them where one is asked for.
void MediaReceiver::askRegularly(MonotonicTime now)
{
    if (m_published) {
        const std::size_t next = m_published->wanted(now);
        if (next != m_published->leading())
            askForKeyFrame(now, PublishedLayers::numberOf(next));
    }
    if (!m_keyFramePeriod || (m_keyFramesAskedAt && now - *m_keyFramesAskedAt < *m_keyFramePeriod))
        return;
    Bytes wish;
    for (Layer& layer : m_layers) {
        if (!m_published || now - layer.lastPacket < *m_keyFramePeriod)
            askFor(layer, now, wish);
    }
    if (wish.empty())
        return;
    m_keyFramesAskedAt = now;
    m_hooks.sendRtcp(wish);
}

void MediaReceiver::look(MonotonicTime now)
{
    constexpr int looksOfReport = 5;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        ReceivedTrack& track = m_layers[i].track;
        const std::vector<std::uint16_t> missing = track.packets().missing(now);
        if (!missing.empty()) {
            Bytes wish;
            appendNack(wish, track.ssrc(), missing);
            m_hooks.sendRtcp(wish);
        }
        // What waits for a packet that is given up goes on here.
        pushPictures(i, now);
    }
    pushSound(now);
    askRegularly(now);
    m_looks = (m_looks + 1) % looksOfReport;
    const Bytes arrivals = m_looks == 0 ? m_arrivals.take(pictureSsrc()) : Bytes();
    if (!arrivals.empty())
        m_hooks.sendRtcp(arrivals);
}

void MediaReceiver::report(MonotonicTime now)
{
    const auto tell = [&](ReceivedTrack& track, bool withEstimate) {
        if (track.ssrc() == 0)
            return;
        Bytes out;
        const ReceiverReport said = track.makeReport(now);
        appendReceiverReport(out, said);
        if (withEstimate && m_estimate)
            appendReceiverBitrate(out, said.ssrc, m_estimate->next(8 * m_bytesOfSecond, said.lostOf256));
        m_hooks.sendRtcp(out);
    };
    for (Layer& layer : m_layers)
        tell(layer.track, layer.track.ssrc() == pictureSsrc());
    tell(m_audio, false);
    m_bytesOfSecond = 0;
}

}  // namespace headgate::webrtc
