#include "core/media/hls/segmenter.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace headgate::hls {

namespace {

// Sound may be so much later than video, or earlier, before it is taken for missing.
constexpr std::int64_t mostSkewMs = 500;
constexpr std::int64_t mostSoundDriftMs = 60;
constexpr int shortSegments = 3;
constexpr int shortMs = 500;

// A length that was meant to be a multiple of the key frames' distance.
constexpr int nearlyMs(int ms)
{
    return ms * 9 / 10;
}

}  // namespace

Pace paceFor(int segmentMs, int keyFrameIntervalMs)
{
    constexpr int mostTargetSeconds = 10;
    Pace pace;
    pace.segmentMs = segmentMs;
    // Unknown: twice as long may be needed up to the next key frame.
    int length = 2 * segmentMs;
    if (keyFrameIntervalMs > 0)
        length = (nearlyMs(segmentMs) + keyFrameIntervalMs - 1) / keyFrameIntervalMs * keyFrameIntervalMs;
    const auto rounded = static_cast<int>(std::lround(std::max(length, segmentMs) / 1000.0));
    pace.targetSeconds = std::clamp(rounded, 1, mostTargetSeconds);
    return pace;
}

void Segmenter::push(const SharedFrame& frame, TimePoint arrived)
{
    if (frame->kind() == FrameKind::Script || frame->track() != 0 || frame->isVideoMetadata())
        return;
    if (frame->isSequenceHeader())
        return takeHeader(*frame);
    const bool isVideo = frame->kind() == FrameKind::Video;
    const BodyDescription body = isVideo ? describeVideoBody(frame->body()) : describeAudioBody(frame->body());
    if (!body.isCodedFrame || body.payloadSize == 0)
        return;
    if (!(isVideo ? m_video : m_audio)) {
        m_sawOther = true;
        return;
    }
    const std::int64_t time = unwrapped(frame->timestampMs());
    if (isVideo)
        takeVideo(frame, body, time, arrived);
    else
        takeAudio(frame, body, time, arrived);
}

std::int64_t Segmenter::unwrapped(std::uint32_t timestampMs)
{
    const std::int64_t time =
        m_lastTime ? *m_lastTime + static_cast<std::int32_t>(timestampMs - static_cast<std::uint32_t>(*m_lastTime))
                   : timestampMs;
    m_lastTime = time;
    return time;
}

void Segmenter::takeHeader(const MediaFrame& header)
{
    const bool isVideo = header.kind() == FrameKind::Video;
    Bytes& known = isVideo ? m_videoHeader : m_audioHeader;
    if (known == header.body())
        return;
    // Nothing was given out yet: then nobody has to be told of a change.
    if (m_init)
        breakOff();
    m_init.reset();
    m_isOpen = false;
    m_pending = {};
    known = header.body();
    (isVideo ? m_video : m_audio) = isVideo ? fmp4::videoSetupOf(known) : fmp4::audioSetupOf(known);
}

void Segmenter::restart()
{
    breakOff();
    m_init.reset();
    m_videoHeader.clear();
    m_audioHeader.clear();
    m_video.reset();
    m_audio.reset();
    m_sawOther = false;
}

void Segmenter::breakOff()
{
    finish();
    m_isDiscontinuity = m_segmentsMade > 0;
    m_anchor.reset();
    m_nextSound.reset();
}

void Segmenter::finish()
{
    if (m_isOpen)
        endSegment(std::max(m_partStart, m_lastVideo) + std::max<std::int64_t>(1, m_lastGap));
}

void Segmenter::takeVideo(const SharedFrame& frame, const BodyDescription& body, std::int64_t time, TimePoint arrived)
{
    time = m_isOpen ? std::max(time, m_lastVideo) : time;
    const std::int64_t gap = m_isOpen ? time - m_lastVideo : 0;
    if (m_isOpen && gap > m_pace.longestSegmentMs())
        breakOff();
    if (!m_isOpen) {
        if (!body.isKeyFrame)
            return;
        begin(time, arrived);
    } else {
        cutBefore(time, body.isKeyFrame, gap);
    }
    m_lastGap = gap > 0 ? gap : m_lastGap;
    m_lastVideo = time;
    m_segmentBytes += sizeof(MediaFrame) + body.payloadSize;
    m_pending.video.push_back({time * fmp4::videoTicksPerMs, 0,
                               body.compositionOffsetMs * static_cast<std::int32_t>(fmp4::videoTicksPerMs),
                               body.isKeyFrame, frame, body.headerSize, body.payloadSize});
}

void Segmenter::takeAudio(const SharedFrame& frame, const BodyDescription& body, std::int64_t time, TimePoint arrived)
{
    if (m_video) {
        if (!m_isOpen)
            return;
        cutStalledVideo(time);
    } else {
        const std::int64_t gap = m_isOpen ? std::max<std::int64_t>(0, time - m_lastVideo) : 0;
        if (!m_isOpen)
            begin(time, arrived);
        else
            cutBefore(time, true, gap);
        m_lastGap = gap > 0 ? gap : m_lastGap;
        m_lastVideo = std::max(time, m_lastVideo);
    }
    appendSound(frame, body, time);
}

void Segmenter::appendSound(const SharedFrame& frame, const BodyDescription& body, std::int64_t time)
{
    const std::int64_t rate = m_audio->timescale;
    const std::uint32_t ticks = m_audio->frameTicks != 0
                                    ? m_audio->frameTicks
                                    : fmp4::opusTicksOf(ByteView(frame->body()).subspan(body.headerSize));
    if (ticks == 0)
        return;
    const std::int64_t told = time * rate / 1000;
    const std::int64_t mostDrift = mostSoundDriftMs * rate / 1000;
    if (!m_nextSound || told > *m_nextSound + mostDrift)
        m_nextSound = told;
    if (told < *m_nextSound - mostDrift)
        return;
    m_segmentBytes += sizeof(MediaFrame) + body.payloadSize;
    m_pending.audio.push_back({*m_nextSound, ticks, 0, true, frame, body.headerSize, body.payloadSize});
    *m_nextSound += ticks;
}

// Ends what must not reach beyond the frame that begins then, `gap` after the one before it.
void Segmenter::cutBefore(std::int64_t time, bool isKeyFrame, std::int64_t gap)
{
    const std::int64_t length = time - m_segmentStart;
    const int wanted =
        m_pace.startsShort && m_segmentsMade < shortSegments ? std::min(shortMs, m_pace.segmentMs) : m_pace.segmentMs;
    const bool isLongEnough = length >= nearlyMs(wanted);
    const bool isTooLong = length + gap > m_pace.longestSegmentMs() || m_segmentBytes > m_pace.mostSegmentBytes;
    if (isTooLong || (isKeyFrame && isLongEnough)) {
        endSegment(time);
        m_isOpen = true;
        m_segmentStart = m_partStart = time;
    } else if (time - m_partStart + gap > m_pace.partMs) {
        endPart(time);
    }
}

// Pictures that do not come must not keep the sound back.
void Segmenter::cutStalledVideo(std::int64_t time)
{
    while (time > m_partStart + m_pace.partMs + mostSkewMs && !m_pending.isEmpty()) {
        const std::int64_t end = m_partStart + m_pace.partMs;
        cutBefore(end, false, m_pace.partMs);
        m_lastVideo = std::max(m_lastVideo, end);
    }
}

void Segmenter::begin(std::int64_t time, TimePoint arrived)
{
    m_isOpen = true;
    m_isBegun = false;
    m_segmentStart = m_partStart = time;
    m_lastVideo = time;
    m_segmentBytes = 0;
    if (!m_anchor) {
        m_anchor = time;
        m_anchorAt = arrived;
    }
}

void Segmenter::endPart(std::int64_t end)
{
    const std::int64_t duration = end - m_partStart;
    if (m_pending.isEmpty() || duration <= 0)
        return;
    if (!m_init) {
        Init init{std::make_shared<const Bytes>(fmp4::initSegmentOf(m_video, m_audio)), {}, {}};
        for (const auto& track : {m_video, m_audio}) {
            if (track)
                init.codecs += (init.codecs.empty() ? "" : ",") + track->codec;
        }
        init.size = m_video ? m_video->size : PictureSize{};
        m_init = std::make_shared<const Init>(std::move(init));
    }
    if (!std::exchange(m_isBegun, true))
        m_sink.segmentBegan(
            {m_init, m_anchorAt + Duration(m_segmentStart - *m_anchor), std::exchange(m_isDiscontinuity, false)});
    for (std::size_t i = 0; i < m_pending.video.size(); ++i) {
        const bool isLast = i + 1 == m_pending.video.size();
        const std::int64_t next = isLast ? end * fmp4::videoTicksPerMs : m_pending.video[i + 1].time;
        m_pending.video[i].duration =
            static_cast<std::uint32_t>(std::max<std::int64_t>(0, next - m_pending.video[i].time));
    }
    const bool isIndependent = m_video ? !m_pending.video.empty() && m_pending.video.front().isSync : true;
    m_sink.partMade({static_cast<int>(duration), isIndependent,
                     std::make_shared<const Bytes>(fmp4::fragmentOf(++m_sequence, m_pending))});
    m_pending.video.clear();
    m_pending.audio.clear();
    m_partStart = end;
}

void Segmenter::endSegment(std::int64_t end)
{
    endPart(end);
    if (std::exchange(m_isBegun, false)) {
        ++m_segmentsMade;
        m_sink.segmentEnded();
    }
    m_isOpen = false;
    m_segmentBytes = 0;
    m_pending = {};  // what has no duration is left out
}

}  // namespace headgate::hls
