#pragma once

#include "core/media/hls/segmenter.h"
#include "core/media/hub/gop_cache.h"

#include <optional>

namespace headgate::recording {

// Cuts the frames of a stream into FLV files, each with all that a player needs at its beginning. What the sink gets as
// parts are whole tags of about a second.
class FlvCutter
{
public:
    FlvCutter(hls::Pace pace, hls::SegmentSink& sink) : m_pace(pace), m_sink(sink) {}

    // `arrived` tells when it was live.
    void push(const SharedFrame& frame, TimePoint arrived);
    void finish();

private:
    bool isCut(const MediaFrame& frame, Duration length) const;
    void begin(const MediaFrame& frame, TimePoint arrived);
    void endPart(std::uint32_t timestampMs);

    hls::Pace m_pace;
    hls::SegmentSink& m_sink;
    GopCache m_format;  // only what a decoder needs
    bool m_hasVideo = false;
    bool m_isOpen = false;
    bool m_isPartIndependent = false;
    std::uint32_t m_segmentStart = 0;
    std::uint32_t m_partStart = 0;
    std::uint32_t m_last = 0;
    std::size_t m_segmentBytes = 0;
    Bytes m_part;
};

}  // namespace headgate::recording
