#include "core/media/relay/resume_filter.h"

namespace headgate {

void ResumeFilter::startPull(Continuation continuation)
{
    for (Track& track : m_tracks) {
        if (continuation == Continuation::NewSource)
            track = Track();
        track.isCatchingUp = track.lastMs.has_value();
    }
}

bool ResumeFilter::lets(const SharedFrame& frame)
{
    // Further back than any cache reaches: the source's clock was set back.
    constexpr std::int32_t farthestBackMs = 60'000;
    Track& track = m_tracks[static_cast<std::size_t>(frame->kind())];
    if (frame->isEssential()) {
        const bool isKnown = track.essential && track.essential->body() == frame->body();
        track.essential = frame;
        return !isKnown;
    }
    if (track.isCatchingUp) {
        const auto ahead = static_cast<std::int32_t>(frame->timestampMs() - *track.lastMs);
        if (ahead <= 0 && ahead > -farthestBackMs)
            return false;
        track.isCatchingUp = false;
    }
    track.lastMs = frame->timestampMs();
    return true;
}

}  // namespace headgate
