#include "core/media/relay/resume_filter.h"

namespace headgate {

namespace {

std::int32_t aheadMs(const MediaFrame& frame, const MediaFrame& of)
{
    return static_cast<std::int32_t>(frame.timestampMs() - of.timestampMs());
}

}  // namespace

void ResumeFilter::startPull(Continuation continuation)
{
    m_shiftMs = 0;
    if (continuation == Continuation::NewSource) {
        m_tracks = {};
        m_lastKeyFrame.reset();
    }
    for (Track& track : m_tracks)
        track.isCatchingUp = track.last != nullptr;
}

bool ResumeFilter::isLastKeyFrame(const MediaFrame& frame) const
{
    return frame.isKeyFrame() && m_lastKeyFrame && frame.body() == m_lastKeyFrame->body();
}

bool ResumeFilter::isNewer(const MediaFrame& frame) const
{
    const SharedFrame& last = m_tracks[static_cast<std::size_t>(frame.kind())].last;
    return !last || aheadMs(frame, *last) > 0;
}

// Several frames of a kind may have one time; the frame itself tells where among them the old pull stopped.
bool ResumeFilter::isRepeated(Track& track, const MediaFrame& frame) const
{
    // Further back than any cache reaches: the source's clock was set back.
    constexpr std::int32_t farthestBackMs = 60'000;
    const std::int32_t ahead = aheadMs(frame, *track.last);
    if (ahead > 0 || ahead < -farthestBackMs) {
        track.isCatchingUp = false;
        return false;
    }
    track.isCatchingUp = ahead != 0 || frame.body() != track.last->body();
    return true;
}

SharedFrame ResumeFilter::take(const SharedFrame& frame)
{
    Track& track = m_tracks[static_cast<std::size_t>(frame->kind())];
    if (frame->isEssential()) {
        const bool isKnown = track.essential && track.essential->body() == frame->body();
        track.essential = frame;
        return isKnown ? nullptr : frame;
    }
    if (track.isCatchingUp && isLastKeyFrame(*frame))
        m_shiftMs = m_lastKeyFrame->timestampMs() - frame->timestampMs();
    const SharedFrame placed =
        m_shiftMs == 0
            ? frame
            : std::make_shared<const MediaFrame>(frame->kind(), frame->timestampMs() + m_shiftMs, frame->body());
    if (track.isCatchingUp && isRepeated(track, *placed))
        return nullptr;
    track.last = placed;
    if (placed->isKeyFrame())
        m_lastKeyFrame = placed;
    return placed;
}

}  // namespace headgate
