#include "core/media/webrtc/feed.h"

#include "core/media/flv/tag_body.h"
#include "core/media/rtp/opus_body.h"

#include <algorithm>
#include <utility>

namespace headgate::webrtc {

Feed::Feed(Stream& of, MonotonicTime now, const EventLoop& loop, Over onOver)
    : m_loop(loop), m_of(&of), m_stream(of.key(), of.source(), now), m_onOver(std::move(onOver))
{
    // What the cache has of the sound is older than what comes, and not needed.
    for (const SharedFrame& frame : of.cache().forJoiner()) {
        if (frame->kind() != FrameKind::Audio || frame->isEssential())
            framePushed(frame);
    }
    of.follow(*this);
}

Feed::~Feed()
{
    if (m_of != nullptr)
        m_of->unfollow(*this);
}

void Feed::framePushed(const SharedFrame& frame)
{
    if (frame->kind() == FrameKind::Audio)
        passSound(frame);
    else
        m_stream.pass(frame, m_loop.now());
}

void Feed::passSound(const SharedFrame& frame)
{
    const BodyDescription body = describeAudioBody(frame->body());
    if (body.codec != "AAC" || body.track != 0)
        return m_stream.pass(frame, m_loop.now());
    const ByteView content = ByteView(frame->body()).subspan(body.headerSize);
    const ByteView payload = content.first(std::min(body.payloadSize, content.size()));
    if (body.isSequenceHeader) {
        m_opus = OpusMaker::make(payload);
        if (m_opus)
            m_stream.pass(opusHeader(frame->timestampMs()), m_loop.now());
        return;
    }
    if (!m_opus || !body.isCodedFrame)
        return;
    for (const OpusMaker::Frame& opus : m_opus->convert(payload, frame->timestampMs()))
        m_stream.pass(opusFrame(OpusPacket::CodedFrames, opus.timestampMs, opus.bytes), m_loop.now());
}

void Feed::streamRestarted(const StreamSource& source)
{
    m_opus.reset();
    m_stream.restart(source, SourceTime::Continues, m_loop.now());
}

void Feed::streamEnded()
{
    const Stream* const of = std::exchange(m_of, nullptr);
    m_stream.end();
    const Over onOver = std::move(m_onOver);
    onOver(*of);  // destroys this
}

Stream& Feeds::of(Stream& stream)
{
    std::unique_ptr<Feed>& feed = m_feeds[&stream];
    if (!feed)
        feed = std::make_unique<Feed>(stream, m_loop.now(), m_loop,
                                      [this](const Stream& ended) { m_feeds.erase(&ended); });
    if (!m_second.isRunning())
        m_second.startRepeating(Duration(1000), [this] { dropUnused(); });
    return feed->stream();
}

void Feeds::askForKeyFrame(const StreamKey& key)
{
    for (const auto& [stream, feed] : m_feeds) {
        if (stream->key() == key && stream->publisher() != nullptr)
            stream->publisher()->keyFrameWanted();
    }
}

void Feeds::dropUnused()
{
    std::erase_if(m_feeds, [](const auto& entry) { return entry.second->stream().subscriberCount() == 0; });
    if (m_feeds.empty())
        m_second.stop();
}

}  // namespace headgate::webrtc
