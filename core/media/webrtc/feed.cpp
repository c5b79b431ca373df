#include "core/media/webrtc/feed.h"

#include "core/media/flv/tag_body.h"

#include <algorithm>
#include <utility>

namespace headgate::webrtc {

namespace {

// Enhanced RTMP: the first byte has nine and what kind of packet it is, then the FourCC.
enum OpusPacket : std::uint32_t
{
    SequenceStart = 0x90,
    CodedFrames = 0x91
};

SharedFrame opusFrame(OpusPacket packet, std::uint32_t timestampMs, ByteView content)
{
    Bytes body;
    body.reserve(content.size() + 5);
    appendU8(body, packet);
    appendView(body, viewOf("Opus"));
    appendView(body, content);
    return std::make_shared<const MediaFrame>(FrameKind::Audio, timestampMs, std::move(body));
}

// RFC 7845, 5.1.
SharedFrame opusHeader(std::uint32_t timestampMs)
{
    constexpr std::string_view head("OpusHead\x01\x02\x38\x01\x80\xBB\x00\x00\x00\x00\x00", 19);
    return opusFrame(OpusPacket::SequenceStart, timestampMs, viewOf(head));
}

}  // namespace

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

void Feeds::dropUnused()
{
    std::erase_if(m_feeds, [](const auto& entry) { return entry.second->stream().subscriberCount() == 0; });
    if (m_feeds.empty())
        m_second.stop();
}

}  // namespace headgate::webrtc
