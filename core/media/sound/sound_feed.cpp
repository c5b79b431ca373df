#include "core/media/sound/sound_feed.h"

#include "core/media/flv/tag_body.h"
#include "core/media/rtp/opus_body.h"

#include <algorithm>

namespace headgate {

namespace {

// What is made into the form.
std::string_view sourceOf(SoundForm form)
{
    return form == SoundForm::Opus ? "AAC" : "Opus";
}

// AAC as RTMP has it (FLV 10.1, E.4.2.2).
SharedFrame aacFrame(std::uint8_t kind, std::uint32_t timestampMs, ByteView content)
{
    Bytes body{0xAF, kind};
    appendView(body, content);
    return std::make_shared<const MediaFrame>(FrameKind::Audio, timestampMs, std::move(body));
}

SharedFrame headerOf(const SoundMaker& maker, SoundForm form, std::uint32_t timestampMs)
{
    return form == SoundForm::Opus ? opusHeader(timestampMs) : aacFrame(0, timestampMs, maker.configuration());
}

SharedFrame frameOf(const SoundMaker::Frame& frame, SoundForm form)
{
    return form == SoundForm::Opus ? opusFrame(OpusPacket::CodedFrames, frame.timestampMs, frame.bytes)
                                   : aacFrame(1, frame.timestampMs, frame.bytes);
}

}  // namespace

SoundFeed::SoundFeed(Stream& of, SoundForm form, const EventLoop& loop, Over onOver)
    : m_loop(loop), m_form(form), m_of(&of), m_stream(of.key(), of.source(), loop.now()), m_onOver(std::move(onOver))
{
    // Who watches over WebRTC begins with the pictures alone.
    for (const SharedFrame& frame : of.cache().forJoiner()) {
        if (form == SoundForm::Aac || frame->kind() != FrameKind::Audio || frame->isEssential())
            framePushed(frame);
    }
    of.follow(*this);
}

SoundFeed::~SoundFeed()
{
    if (m_of != nullptr)
        m_of->unfollow(*this);
}

void SoundFeed::framePushed(const SharedFrame& frame)
{
    if (frame->kind() == FrameKind::Audio)
        passSound(frame);
    else
        pass(frame);
}

void SoundFeed::passSound(const SharedFrame& frame)
{
    const BodyDescription body = describeAudioBody(frame->body());
    if (body.codec != sourceOf(m_form) || body.track != 0)
        return pass(frame);
    const ByteView content = ByteView(frame->body()).subspan(body.headerSize);
    const ByteView payload = content.first(std::min(body.payloadSize, content.size()));
    if (body.isSequenceHeader) {
        m_maker = SoundMaker::make(m_form, payload);
        if (m_maker)
            pass(headerOf(*m_maker, m_form, frame->timestampMs()));
        return;
    }
    if (!m_maker || !body.isCodedFrame)
        return;
    for (const SoundMaker::Frame& made : m_maker->convert(payload, frame->timestampMs()))
        pass(frameOf(made, m_form));
}

void SoundFeed::streamRestarted(const StreamSource& source)
{
    m_maker.reset();
    m_stream.restart(source, SourceTime::Continues, m_loop.now());
}

void SoundFeed::streamEnded()
{
    const Stream* const of = std::exchange(m_of, nullptr);
    m_stream.end();
    const Over onOver = std::move(m_onOver);
    onOver(*of);  // destroys this
}

Stream& SoundFeeds::of(Stream& stream, SoundForm form)
{
    const auto key = std::pair(static_cast<const Stream*>(&stream), form);
    const SharedFrame& header = stream.cache().audioHeader();
    const bool isKnown = header && describeAudioBody(header->body()).codec != sourceOf(form);
    if (isKnown && !m_feeds.contains(key))
        return stream;
    std::unique_ptr<SoundFeed>& feed = m_feeds[key];
    if (!feed)
        feed = std::make_unique<SoundFeed>(stream, form, m_loop, [this, form](const Stream& ended) {
            m_feeds.erase({&ended, form});
        });
    if (!m_second.isRunning())
        m_second.startRepeating(Duration(1000), [this] { dropUnused(); });
    return feed->stream();
}

void SoundFeeds::dropUnused()
{
    std::erase_if(m_feeds, [](const auto& entry) { return !entry.second->isUsed(); });
    if (m_feeds.empty())
        m_second.stop();
}

}  // namespace headgate
