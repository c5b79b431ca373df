#pragma once

#include "core/domain/stream_details.h"
#include "core/media/flv/tag_body.h"
#include "core/media/hub/media_frame.h"
#include "core/media/net/event_loop.h"

#include <optional>

namespace headgate {

// What can be told of one track out of its frames: format, GOPs, how evenly they come.
class TrackMeter
{
public:
    TrackMeter(TrackKind kind, int number)
    {
        m_track.kind = kind;
        m_track.number = number;
    }

    // `part` is what the frame's body has of this track.
    void add(const MediaFrame& frame, const BodyDescription& part, MonotonicTime now);

    // Without rates.
    const StreamTrack& track() const { return m_track; }

    double jitterMs() const { return m_jitterMs; }  // RFC 3550, 6.4.1
    std::uint64_t jumps() const { return m_jumps; }

    // By how much its timestamps are ahead of the clock, smoothed; only the difference of two tracks has a meaning.
    double aheadMs() const { return m_aheadMs; }
    bool hasTime() const { return m_last.has_value(); }

private:
    struct Instant
    {
        MonotonicTime arrival;
        std::uint32_t timestampMs = 0;
    };

    void takeFormat(const MediaFrame& frame, const BodyDescription& part);
    void takeTime(const Instant& instant);
    void takeGop(const MediaFrame& frame, const BodyDescription& part);

    StreamTrack m_track;
    std::optional<Instant> m_last;
    double m_jitterMs = 0;
    double m_offsetMs = 0;  // of the last timestamp to its arrival
    double m_aheadMs = 0;
    std::uint64_t m_jumps = 0;
    std::optional<std::uint32_t> m_keyFrameMs;
    std::uint32_t m_latestPictureMs = 0;  // presented, of this GOP
    int m_framesOfGop = 0;
    bool m_hasBFrames = false;  // in this GOP
};

}  // namespace headgate
