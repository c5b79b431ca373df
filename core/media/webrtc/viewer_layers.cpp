#include "core/media/webrtc/viewer_session.h"

#include <algorithm>

// Which layer of the stream a viewer gets.
namespace headgate::webrtc {

namespace {

constexpr Duration fillPeriod{5};

}  // namespace

void ViewerSession::noteLayer(const SharedFrame& frame)
{
    if (frame->track() != 0 && !frame->isLayer())
        return;
    if (m_layers->isNew(frame))
        m_layers->add(frame->layer(), frame->body().size(), host().loop().now());
    if (!m_tracks[Pictures].isWanted() || !m_layers->hasLayers())
        return;
    chooseLayer();
    if (frame->layer() == m_wantedLayer && m_layer != m_wantedLayer && frame->isTrackStart())
        changeLayer();
}

void ViewerSession::chooseLayer()
{
    constexpr Duration period{50};
    constexpr std::int64_t soundBits = 64'000;
    const MonotonicTime now = host().loop().now();
    if (now - m_choseAt < period)
        return;
    m_choseAt = now;
    const Layers layers = m_layers->look(now);
    const auto& waiting = m_waiting[Pictures];
    const Duration waits =
        waiting.empty() ? Duration(0) : std::chrono::duration_cast<Duration>(now - waiting.front().since);
    if (m_fixedPlace) {
        m_wantedLayer = layerAt(layers, *m_fixedPlace);
    } else {
        const LayerChoice::Decision decision =
            m_choice.look(layers, m_wantedLayer,
                          {m_estimate.limit(now), m_estimate.queueing(), waits,
                           m_tracks[Sound].isWanted() ? soundBits : 0, m_tracks[Pictures].canFill()},
                          now);
        m_wantedLayer = decision.layer;
        m_fillBits = decision.fillBits;
    }
    if (m_fillBits > 0 && !m_fill.isRunning())
        m_fill.startRepeating(fillPeriod, [this] { fill(); });
    if (m_layer != m_wantedLayer && now - m_askedAt >= Stream::keyFramePause) {
        m_askedAt = now;
        askForKeyFrame();
    }
}

// What waits of the other one is not sent any more, so that the new one is not late from the beginning.
void ViewerSession::changeLayer()
{
    dropPictures();
    m_awaitsKeyFrame = false;
    m_layer = m_wantedLayer;
    const LayerFigures figures = m_layers->look(host().loop().now()).at(static_cast<std::size_t>(m_layer));
    const auto limit = m_estimate.limit(host().loop().now());
    context().log.client("webrtc " + peer() + ": takes layer " + std::to_string(m_layer) + " of " +
                         m_playing->key().path() + ", " + std::to_string(figures.bitsPerSecond / 1000) + " kbit/s" +
                         (limit ? "; its network carries " + std::to_string(*limit / 1000) + " kbit/s" : ""));
}

// Until the choice is made, or pictures wait themselves.
void ViewerSession::fill()
{
    const MonotonicTime now = host().loop().now();
    if (m_fillBits == 0 || now - m_choseAt > Duration(500) || !m_waiting[Pictures].empty()) {
        m_fillBits = m_fillBytes = 0;
        return m_fill.stop();
    }
    m_fillBytes += m_fillBits / 8 * fillPeriod.count() / 1000;
    PacketBatch batch(context(), path());
    std::size_t bytes = 0;
    while (m_fillBytes > 0 && !batch.isFull()) {
        const std::size_t sent = finish(Pictures, m_tracks[Pictures].writeFiller(m_latestMs, batch.room()), batch);
        m_fillBytes -= static_cast<std::int64_t>(std::max<std::size_t>(sent, 1));
        bytes += sent;
    }
    batch.flush();
    countSent(bytes);
}

void ViewerSession::wantLayers()
{
    if (m_playing == nullptr || !m_tracks[Pictures].isWanted())
        return;
    context().loops.atHome([&gate = context().gate, key = m_playing->key()](LoopGroup& loops) {
        gate.wantLayers(key, loops.home().loop().now());
    });
}

}  // namespace headgate::webrtc
