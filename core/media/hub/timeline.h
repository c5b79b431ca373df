#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/net/event_loop.h"

#include <array>
#include <cstdint>
#include <optional>

namespace headgate {

// The time of a stream over several sources, each of which counts from where it likes: a new source goes on where the
// one before it stopped, plus what passed since, so that a viewer's clock neither jumps back nor runs dry. The same
// holds where one publisher's clock jumps; audio and video may do so one after the other.
class Timeline
{
public:
    enum class Clock
    {
        MayJump,  // a publisher's
        IsSteady  // a parent's, who has seen to it
    };

    // Within a kind: further back, or further ahead of what really passed, is a jump. Less far back is made up for.
    static constexpr Duration mostBack{1'000};
    static constexpr Duration mostAhead{10'000};

    // The next frame is the first one of another source.
    void startSource();

    // The frame as it stands in the stream's time; itself if the source's time is the stream's.
    SharedFrame place(const SharedFrame& frame, MonotonicTime now, Clock clock = Clock::IsSteady);

    // A frame of a layer, whose clock is that of the pictures that were placed last.
    SharedFrame placeLayer(const SharedFrame& frame) const { return moved(frame, frame->timestampMs() + m_offsetMs); }

private:
    struct Latest
    {
        std::uint32_t timeMs = 0;  // in the stream's time
        MonotonicTime at;
    };

    static SharedFrame moved(const SharedFrame& frame, std::uint32_t timeMs);
    std::uint32_t timeOf(const MediaFrame& frame, MonotonicTime now, Clock clock);
    std::uint32_t unjumped(const MediaFrame& frame, MonotonicTime now);
    bool fits(std::uint32_t timeMs, FrameKind kind, MonotonicTime now) const;
    std::uint32_t nextTime(MonotonicTime now) const;
    std::optional<Latest>& latestOf(FrameKind kind) { return m_latestOf[static_cast<std::size_t>(kind)]; }

    std::uint32_t m_offsetMs = 0;      // to be added, modulo 2^32
    std::uint32_t m_formerOffset = 0;  // before the last jump: frames from before it may still come
    std::uint32_t m_firstMs = 0;       // of this source, in the stream's time; nothing of it comes earlier
    std::optional<Latest> m_latest;
    std::array<std::optional<Latest>, 3> m_latestOf;  // by FrameKind, of this source
    bool m_isFirst = false;                           // of a new source
    bool m_isContinuing = false;                      // another source came before this one
};

}  // namespace headgate
