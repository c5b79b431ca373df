#pragma once

#include "core/base/time.h"
#include "core/media/flv/tag_body.h"
#include "core/media/hub/media_frame.h"
#include "core/media/net/event_loop.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace headgate {

// Figures of one stream out of the frames that came in: rates over the last 2 s, codecs from the headers.
class StreamMeter
{
public:
    explicit StreamMeter(MonotonicTime start) : m_start(start) {}

    void add(const MediaFrame& frame, MonotonicTime now);

    std::int64_t bitsPerSecond(MonotonicTime now);
    double framesPerSecond(MonotonicTime now);  // from the timestamps
    int keyFrameIntervalMs() const { return m_keyFrameIntervalMs; }
    Duration sinceLastFrame(MonotonicTime now) const;
    const std::string& videoCodec() const { return m_videoCodec; }
    const std::string& audioCodec() const { return m_audioCodec; }
    // Out of the video's configuration, or as the metadata says where that cannot be read.
    int width() const { return m_size.width > 0 ? m_size.width : m_announcedSize.width; }
    int height() const { return m_size.width > 0 ? m_size.height : m_announcedSize.height; }

private:
    struct Arrival
    {
        MonotonicTime at;
        std::size_t bytes = 0;
        bool isVideoFrame = false;
        std::uint32_t timestampMs = 0;
    };

    void addVideo(const MediaFrame& frame);
    void forgetOld(MonotonicTime now);

    MonotonicTime m_start;
    std::optional<MonotonicTime> m_last;
    std::deque<Arrival> m_arrivals;
    std::int64_t m_bytes = 0;
    std::optional<std::uint32_t> m_lastKeyFrameMs;
    int m_keyFrameIntervalMs = 0;
    std::string m_videoCodec;
    std::string m_audioCodec;
    PictureSize m_size;
    PictureSize m_announcedSize;
};

}  // namespace headgate
