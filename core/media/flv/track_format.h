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

// Of a track in a sequence header's body: H.264, HEVC (ISO 14496-15), AV1 (av1C), VP9 (vpcC, which has no size).
TrackFormat formatOfVideoHeader(ByteView body, const BodyDescription& track);

// The size in a track's key frame, for AV1, VP9 and VP8, whose configurations may not have it; zero for the others.
PictureSize sizeOfKeyFrame(ByteView body, const BodyDescription& track);

// Of a track in a sequence header's body (AAC, Opus, FLAC), or in any other for codecs that have none (MP3 and older
// ones).
TrackFormat formatOfAudio(ByteView body, const BodyDescription& track);

// Of the leading track.
inline TrackFormat formatOfVideoHeader(ByteView body)
{
    return formatOfVideoHeader(body, describeVideoBody(body));
}
inline PictureSize sizeOfKeyFrame(ByteView body)
{
    return sizeOfKeyFrame(body, describeVideoBody(body));
}
inline TrackFormat formatOfAudio(ByteView body)
{
    return formatOfAudio(body, describeAudioBody(body));
}

}  // namespace headgate
