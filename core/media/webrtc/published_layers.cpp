#include "core/media/webrtc/published_layers.h"

#include "core/media/flv/track_format.h"

#include <algorithm>

namespace headgate::webrtc {

// Enhanced RTMP v2, ExVideoTagHeader: one track with its number, and the codec by its four letters.
SharedFrame asLayer(const MediaFrame& frame, int number)
{
    constexpr std::uint32_t enhanced = 0x80, multitrack = 6, sequenceStart = 0, codedFrames = 1, codedFramesX = 3;
    constexpr std::size_t lettersAt = 1, letters = 4;
    const ByteView body(frame.body());
    const bool isEnhanced = (body[0] & enhanced) != 0;
    const BodyDescription description = describeVideoBody(body);
    const ByteView content = body.subspan(std::min(description.headerSize, body.size()));
    const std::uint32_t coded = isEnhanced ? codedFramesX : codedFrames;
    Bytes out;
    out.reserve(body.size() + 8);
    appendU8(out, enhanced | (body[0] & 0x70u) | multitrack);
    appendU8(out, frame.isSequenceHeader() ? sequenceStart : coded);
    appendView(out, isEnhanced ? body.subspan(lettersAt, letters) : viewOf("avc1"));
    appendU8(out, static_cast<std::uint32_t>(firstLayerTrack + number - 1));
    // No composition time: WebRTC knows none.
    if (!frame.isSequenceHeader() && !isEnhanced)
        appendU24(out, 0);
    appendView(out, content);
    return std::make_shared<const MediaFrame>(FrameKind::Video, frame.timestampMs(), std::move(out));
}

void PublishedLayers::take(std::size_t layer, const SharedFrame& frame, MonotonicTime now, const Use& use)
{
    Layer& own = m_layers.at(layer);
    measure(layer, frame);
    if (frame->isSequenceHeader()) {
        own.header = frame;
        if (layer == m_leading)
            use(frame);
        if (own.isShown)
            use(asLayer(*frame, numberOf(layer)));
        return;
    }
    m_meter.add(static_cast<int>(layer), frame->body().size(), now);
    if (frame->isKeyFrame() && layer != m_leading && wanted(now) == layer) {
        m_leading = layer;
        if (own.header)
            use(own.header);
    }
    if (layer == m_leading)
        use(frame);
    show(layer, frame, use);
}

void PublishedLayers::show(std::size_t layer, const SharedFrame& frame, const Use& use)
{
    Layer& own = m_layers.at(layer);
    if (layer == m_largest) {
        own.isShown = false;
        return;
    }
    if (!own.isShown && !frame->isKeyFrame())
        return;
    if (!std::exchange(own.isShown, true) && own.header)
        use(asLayer(*own.header, numberOf(layer)));
    use(asLayer(*frame, numberOf(layer)));
}

void PublishedLayers::measure(std::size_t layer, const SharedFrame& frame)
{
    if (!frame->isSequenceHeader() && !frame->isKeyFrame())
        return;
    const PictureSize size =
        frame->isSequenceHeader() ? formatOfVideoHeader(frame->body()).size : sizeOfKeyFrame(frame->body());
    if (size.width > 0)
        m_layers.at(layer).area = size.width * size.height;
    const auto largest = std::ranges::max_element(m_layers, {}, &Layer::area);
    if (largest->area > m_layers.at(m_largest).area)
        m_largest = static_cast<std::size_t>(largest - m_layers.begin());
}

void PublishedLayers::lookAround(MonotonicTime now)
{
    const Layers figures = m_meter.look(now);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        Layer& layer = m_layers[i];
        const bool isLive = figures.at(i).isLive;
        if (isLive && !layer.isLive)
            layer.liveSince = now;
        layer.wasLost = layer.wasLost || (layer.isLive && !isLive);
        layer.isLive = isLive;
    }
}

std::size_t PublishedLayers::wanted(MonotonicTime now)
{
    lookAround(now);
    const bool isAlone = !m_layers.at(m_leading).isLive;
    std::size_t best = m_leading;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const Layer& layer = m_layers[i];
        const bool isSteady = isAlone || !layer.wasLost || now - layer.liveSince >= probation;
        const bool isBetter = (isAlone && best == m_leading) || layer.area > m_layers[best].area;
        if (layer.isLive && isSteady && isBetter)
            best = i;
    }
    return best;
}

}  // namespace headgate::webrtc
