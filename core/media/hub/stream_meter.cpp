#include "core/media/hub/stream_meter.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr Duration window{2000};

}  // namespace

void StreamMeter::add(const MediaFrame& frame, MonotonicTime now)
{
    m_last = now;
    const bool isVideoFrame = frame.kind() == FrameKind::Video && !frame.isEssential();
    m_arrivals.push_back(Arrival{now, frame.body().size(), isVideoFrame, frame.timestampMs()});
    m_bytes += static_cast<std::int64_t>(frame.body().size());
    forgetOld(now);
    if (frame.kind() == FrameKind::Video)
        addVideo(frame);
    if (frame.isMetadata())
        m_announcedSize = pictureSizeOfMetadata(frame.body());
    if (frame.kind() == FrameKind::Audio && m_audioCodec.empty())
        m_audioCodec = describeAudioBody(frame.body()).codec;
}

void StreamMeter::addVideo(const MediaFrame& frame)
{
    if (m_videoCodec.empty() || frame.isSequenceHeader())
        m_videoCodec = describeVideoBody(frame.body()).codec;
    if (frame.isSequenceHeader() && frame.track() == 0)
        m_size = pictureSizeOf(frame.body());
    if (!frame.isKeyFrame())
        return;
    if (m_lastKeyFrameMs)
        m_keyFrameIntervalMs = std::max(0, static_cast<int>(frame.timestampMs() - *m_lastKeyFrameMs));
    m_lastKeyFrameMs = frame.timestampMs();
}

void StreamMeter::forgetOld(MonotonicTime now)
{
    while (!m_arrivals.empty() && now - m_arrivals.front().at > window) {
        m_bytes -= static_cast<std::int64_t>(m_arrivals.front().bytes);
        m_arrivals.pop_front();
    }
}

std::int64_t StreamMeter::bitsPerSecond(MonotonicTime now)
{
    constexpr Duration shortest{500};
    forgetOld(now);
    const auto elapsed = std::clamp(std::chrono::duration_cast<Duration>(now - m_start), shortest, window);
    return m_bytes * 8 * 1000 / elapsed.count();
}

double StreamMeter::framesPerSecond(MonotonicTime now)
{
    forgetOld(now);
    int count = 0;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    for (const Arrival& arrival : m_arrivals) {
        if (!arrival.isVideoFrame)
            continue;
        if (count == 0)
            first = arrival.timestampMs;
        last = arrival.timestampMs;
        ++count;
    }
    const auto span = static_cast<std::int32_t>(last - first);
    return count < 2 || span <= 0 ? 0.0 : (count - 1) * 1000.0 / span;
}

Duration StreamMeter::sinceLastFrame(MonotonicTime now) const
{
    return std::chrono::duration_cast<Duration>(now - m_last.value_or(m_start));
}

}  // namespace headgate
