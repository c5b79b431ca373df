#pragma once

#include "core/media/flv/tag_body.h"

#include <string>

namespace headgate {

// What a decoder configuration says of a track; 0 and "" where it says nothing.
struct TrackFormat
{
    std::string profile;  // with the level, for example "High 4.0"
    PictureSize size;
    int sampleRate = 0;
    int channels = 0;

    bool operator==(const TrackFormat&) const = default;
};

// Of a sequence header's body: H.264, HEVC (ISO 14496-15), AV1 (av1C), VP9 (vpcC, which has no size).
TrackFormat formatOfVideoHeader(ByteView body);

// The size in a key frame's body, for AV1 and VP9, whose configurations may not have it; zero for the others.
PictureSize sizeOfKeyFrame(ByteView body);

// Of a sequence header's body (AAC, Opus, FLAC), or of any other for codecs that have none (MP3 and older ones).
TrackFormat formatOfAudio(ByteView body);

}  // namespace headgate
