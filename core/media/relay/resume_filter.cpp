#include "core/media/relay/resume_filter.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>

namespace headgate {

namespace {

std::int32_t aheadMs(std::uint32_t timestampMs, std::uint32_t ofMs)
{
    return static_cast<std::int32_t>(timestampMs - ofMs);
}

std::int32_t aheadMs(const MediaFrame& frame, const MediaFrame& of)
{
    return aheadMs(frame.timestampMs(), of.timestampMs());
}

std::int32_t msBetween(MonotonicTime from, MonotonicTime to)
{
    constexpr Duration longest{1'000'000'000};
    return static_cast<std::int32_t>(std::min(std::chrono::duration_cast<Duration>(to - from), longest).count());
}

}  // namespace

void ResumeFilter::startSource(std::uint32_t shiftMs)
{
    *this = ResumeFilter();
    m_shiftMs = shiftMs;
}

void ResumeFilter::startPull(std::optional<std::uint32_t> shiftMs)
{
    m_shiftMs = shiftMs.value_or(0);
    m_isPlaced = shiftMs.has_value();
    for (Track& track : m_tracks)
        track.isCatchingUp = track.last != nullptr;
    m_layers.close();
}

bool ResumeFilter::isLastKeyFrame(const MediaFrame& frame) const
{
    return frame.isKeyFrame() && m_lastKeyFrame && frame.body() == m_lastKeyFrame->body();
}

bool ResumeFilter::isNewer(const MediaFrame& frame, std::uint32_t shiftMs) const
{
    const SharedFrame& last = m_tracks[static_cast<std::size_t>(frame.kind())].last;
    return !last || aheadMs(frame.timestampMs() + shiftMs, last->timestampMs()) > 0;
}

std::optional<ResumeFilter::Place> ResumeFilter::placeOf(const std::vector<SharedFrame>& frames, MonotonicTime since,
                                                         MonotonicTime now) const
{
    // By then the parent's cache is through, and the newest frame is live.
    constexpr Duration settling{500};
    const auto newest = std::find_if(frames.rbegin(), frames.rend(), [](const SharedFrame& frame) {
        return frame->kind() == FrameKind::Video && !frame->isEssential();
    });
    if (newest == frames.rend() || !m_lastKeyFrame)
        return std::nullopt;
    const SharedFrame& lastPicture = m_tracks[static_cast<std::size_t>(FrameKind::Video)].last;
    const std::int64_t age = std::int64_t{aheadMs(*lastPicture, *m_lastKeyFrame)} + msBetween(m_lastPictureAt, now);
    std::optional<Place> best;
    std::int64_t smallestDifference = 0;
    for (const SharedFrame& frame : frames) {
        if (!isLastKeyFrame(*frame))
            continue;
        const std::uint32_t shiftMs = m_lastKeyFrame->timestampMs() - frame->timestampMs();
        if (shiftMs == 0)
            return Place{0, true};
        if (mayRepeat() && isOfSameClock(*frame, now))
            continue;
        const std::int64_t difference = std::abs(aheadMs(**newest, *frame) - age);
        if (best && difference >= smallestDifference)
            continue;
        smallestDifference = difference;
        const bool isLikely = now - since >= settling && difference <= m_repetitionMs / 2;
        best = Place{shiftMs, !mayRepeat() || isLikely};
    }
    return best;
}

// The first key frame of a new pull, which is the same as the last one: that one, or a later one of pictures that do
// not move.
std::uint32_t ResumeFilter::shiftOf(const MediaFrame& keyFrame, MonotonicTime now) const
{
    if (mayRepeat() && isOfSameClock(keyFrame, now))
        return 0;
    const std::int32_t repetitions = m_repetitionMs == 0 ? 0 : msBetween(m_lastKeyFrameAt, now) / m_repetitionMs;
    return static_cast<std::uint32_t>(repetitions * m_repetitionMs) + m_lastKeyFrame->timestampMs() -
           keyFrame.timestampMs();
}

bool ResumeFilter::mayRepeat() const
{
    return m_repetitionMs != 0 || m_earlierKeyFrames.size() == 1;
}

// Whether its time can be that of another key frame than the last one, if the parents' times do not differ.
bool ResumeFilter::isOfSameClock(const MediaFrame& keyFrame, MonotonicTime now) const
{
    constexpr std::int32_t mostLateMs = 2000;
    constexpr std::int32_t roundingMs = 5;
    const std::int32_t ahead = aheadMs(keyFrame, *m_lastKeyFrame);
    if (ahead < -mostLateMs || ahead > msBetween(m_lastKeyFrameAt, now) + mostLateMs)
        return false;
    const std::int32_t rest = m_repetitionMs == 0 ? 0 : std::abs(ahead) % m_repetitionMs;
    return std::min(rest, m_repetitionMs - rest) <= roundingMs;
}

void ResumeFilter::noteKeyFrame(const SharedFrame& frame, MonotonicTime now)
{
    // Encoders number key frames in turn, so that only every second one is the same.
    constexpr std::size_t mostRemembered = 4;
    const std::size_t hash = std::hash<std::string_view>()(textOf(frame->body()));
    const auto same = std::find_if(m_earlierKeyFrames.rbegin(), m_earlierKeyFrames.rend(),
                                   [hash](const KeyFrameMark& mark) { return mark.hash == hash; });
    m_repetitionMs =
        same == m_earlierKeyFrames.rend() ? 0 : std::max(aheadMs(frame->timestampMs(), same->timestampMs), 0);
    m_earlierKeyFrames.push_back(KeyFrameMark{frame->timestampMs(), hash});
    if (m_earlierKeyFrames.size() > mostRemembered)
        m_earlierKeyFrames.pop_front();
    m_lastKeyFrame = frame;
    m_lastKeyFrameAt = now;
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

SharedFrame ResumeFilter::shifted(const SharedFrame& frame) const
{
    return m_shiftMs == 0
               ? frame
               : std::make_shared<const MediaFrame>(frame->kind(), frame->timestampMs() + m_shiftMs, frame->body());
}

// Caches have none, so what comes is new; what is missing since the last pull is not made up for.
SharedFrame ResumeFilter::takeLayer(const SharedFrame& frame)
{
    const bool isEarly = m_tracks[static_cast<std::size_t>(FrameKind::Video)].isCatchingUp && !frame->isEssential();
    return !isEarly && m_layers.passes(*frame) ? shifted(frame) : nullptr;
}

SharedFrame ResumeFilter::take(const SharedFrame& frame, MonotonicTime now)
{
    if (frame->isLayer())
        return takeLayer(frame);
    Track& track = m_tracks[static_cast<std::size_t>(frame->kind())];
    if (frame->isEssential()) {
        const bool isKnown = track.essential && track.essential->body() == frame->body();
        track.essential = frame;
        return isKnown ? nullptr : frame;
    }
    if (!m_isPlaced && track.isCatchingUp && isLastKeyFrame(*frame)) {
        m_shiftMs = shiftOf(*frame, now);
        m_isPlaced = true;
    }
    const SharedFrame placed = shifted(frame);
    if (track.isCatchingUp && isRepeated(track, *placed))
        return nullptr;
    track.last = placed;
    if (placed->kind() == FrameKind::Video)
        m_lastPictureAt = now;
    if (placed->isKeyFrame())
        noteKeyFrame(placed, now);
    return placed;
}

}  // namespace headgate
