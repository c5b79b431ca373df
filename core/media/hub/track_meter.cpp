#include "core/media/hub/track_meter.h"

#include "core/media/flv/track_format.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace headgate {

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr double smoothingMs = 2000;
constexpr double mostAheadMs = 1000;  // a larger step than that, beyond what passed, is a jump

// Across the wrap-around.
double stepMs(std::uint32_t from, std::uint32_t to)
{
    return static_cast<std::int32_t>(to - from);
}

}  // namespace

void TrackMeter::add(const MediaFrame& frame, const BodyDescription& part, MonotonicTime now)
{
    takeFormat(frame, part);
    if (frame.isEssential())
        return;
    takeTime({now, frame.timestampMs()});
    if (frame.kind() == FrameKind::Video)
        takeGop(frame, part);
}

void TrackMeter::takeFormat(const MediaFrame& frame, const BodyDescription& part)
{
    const bool isVideo = frame.kind() == FrameKind::Video;
    const bool isAwaited = m_track.codec.empty() || (!isVideo && m_track.sampleRate == 0);
    const bool hasNoSize = isVideo && m_track.width == 0 && part.isKeyFrame;
    if (!part.isSequenceHeader && !isAwaited && !hasNoSize)
        return;
    m_track.codec = part.codec;
    if (!isVideo) {
        const TrackFormat format = formatOfAudio(frame.body(), part);
        m_track.profile = format.profile;
        m_track.sampleRate = format.sampleRate;
        m_track.channels = format.channels;
        return;
    }
    PictureSize size;
    if (part.isSequenceHeader) {
        TrackFormat format = formatOfVideoHeader(frame.body(), part);
        m_track.profile = std::move(format.profile);
        size = format.size;
    } else {
        size = sizeOfKeyFrame(frame.body(), part);
    }
    m_track.width = size.width;
    m_track.height = size.height;
}

void TrackMeter::takeTime(const Instant& instant)
{
    if (!m_last) {
        m_last = instant;
        m_offsetMs = instant.timestampMs - Milliseconds(instant.arrival.time_since_epoch()).count();
        m_aheadMs = m_offsetMs;
        return;
    }
    const double passed = Milliseconds(instant.arrival - m_last->arrival).count();
    const double step = stepMs(m_last->timestampMs, instant.timestampMs);
    m_last = instant;
    const double ahead = step - passed;
    m_offsetMs += ahead;
    if (step < 0 || ahead > mostAheadMs) {
        ++m_jumps;
        m_aheadMs = m_offsetMs;
        return;
    }
    m_jitterMs += (std::abs(ahead) - m_jitterMs) / 16;
    m_aheadMs += (m_offsetMs - m_aheadMs) * std::min(1.0, passed / smoothingMs);
}

void TrackMeter::takeGop(const MediaFrame& frame, const BodyDescription& part)
{
    const auto presented = frame.timestampMs() + static_cast<std::uint32_t>(part.compositionOffsetMs);
    if (part.isKeyFrame) {
        if (m_keyFrameMs) {
            m_track.gopFrames = m_framesOfGop;
            m_track.gopMs = static_cast<int>(std::max(0.0, stepMs(*m_keyFrameMs, frame.timestampMs())));
            m_track.hasBFrames = m_hasBFrames;
        }
        m_keyFrameMs = frame.timestampMs();
        m_latestPictureMs = presented;
        m_framesOfGop = 1;
        m_hasBFrames = false;
        return;
    }
    ++m_framesOfGop;
    if (stepMs(m_latestPictureMs, presented) < 0)
        m_hasBFrames = true;
    else
        m_latestPictureMs = presented;
    m_track.hasBFrames = m_track.hasBFrames || m_hasBFrames;
}

}  // namespace headgate
