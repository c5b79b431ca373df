#pragma once

#include "core/media/fmp4/track_setup.h"
#include "core/media/hub/media_frame.h"

#include <cstdint>
#include <vector>

namespace headgate::fmp4 {

// A coded frame, in the ticks of its track.
struct Sample
{
    std::int64_t time = 0;  // of decoding
    std::uint32_t duration = 0;
    std::int32_t compositionOffset = 0;
    bool isSync = false;
    SharedFrame frame;
    std::size_t offset = 0;  // of the coded frame in the frame's body
    std::size_t size = 0;
};

struct Samples
{
    std::vector<Sample> video;
    std::vector<Sample> audio;

    bool isEmpty() const { return video.empty() && audio.empty(); }
};

// The init segment of tracks that are there: video is track 1, audio track 2 (ISO/IEC 14496-12, 8; CMAF, 7.3).
Bytes initSegmentOf(const std::optional<TrackSetup>& video, const std::optional<TrackSetup>& audio);

// A movie fragment with its media (ISO/IEC 14496-12, 8.8; CMAF, 7.3.2), for times that are not negative.
Bytes fragmentOf(std::uint32_t sequence, const Samples& samples);

}  // namespace headgate::fmp4
