#pragma once

#include "core/domain/stream_details.h"
#include "core/media/flv/tag_body.h"
#include "core/media/hub/media_frame.h"
#include "core/media/hub/track_meter.h"
#include "core/media/net/event_loop.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace headgate {

// Figures of one stream out of the frames that came in: rates over the last 2 s, formats from the headers.
class StreamMeter
{
public:
    static constexpr std::size_t mostTracks = mostTracksOfBody;

    explicit StreamMeter(MonotonicTime start) : m_start(start) {}

    void add(const MediaFrame& frame, MonotonicTime now);

    // Fills in what it knows of the whole stream: codecs, size and GOP are those of the leading tracks.
    void describe(StreamReport& report, MonotonicTime now);

    std::vector<StreamTrack> tracks(MonotonicTime now);  // sorted by (kind, number)
    StreamTiming timing() const;                         // without skips

    std::int64_t bitsPerSecond(MonotonicTime now);  // without layers, which few get
    Duration sinceLastFrame(MonotonicTime now) const;

private:
    struct Arrival
    {
        MonotonicTime at;
        std::size_t bytes = 0;
        std::uint32_t timestampMs = 0;
        FrameKind kind = FrameKind::Script;
        int track = 0;
        bool isEssential = false;
    };

    void count(const MediaFrame& frame, int track, std::size_t bytes, MonotonicTime now);
    TrackMeter* meterOf(TrackKind kind, int number);
    const TrackMeter* leading(TrackKind kind) const;
    void addRates(StreamTrack& track, MonotonicTime now) const;
    std::int64_t bitRate(std::int64_t bytes, MonotonicTime now) const;
    void forgetOld(MonotonicTime now);

    MonotonicTime m_start;
    std::optional<MonotonicTime> m_last;
    std::deque<Arrival> m_arrivals;
    std::int64_t m_bytes = 0;
    std::vector<TrackMeter> m_tracks;
    PictureSize m_announcedSize;
    double m_announcedRate = 0;
};

}  // namespace headgate
