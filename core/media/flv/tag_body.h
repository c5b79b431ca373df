#pragma once

#include "core/media/net/bytes.h"

#include <cstdint>
#include <functional>
#include <string>

namespace headgate {

// What the first bytes of an audio or video tag's body say, of the classic form (FLV 10.1, E.4.2 and E.4.3) and of
// enhanced RTMP v1 and v2.
struct BodyDescription
{
    std::string_view codec;   // "H.264", "HEVC", "AV1", "VP9", "AAC", "MP3", "Opus"...; empty if unknown
    bool isKeyFrame = false;  // of its track
    bool isSequenceHeader = false;
    bool isCodedFrame = false;     // something to decode; else configuration, metadata, an end, a command
    bool isVideoMetadata = false;  // colours and the like; what follows is AMF
    bool isMultitrack = false;     // several tracks, or one with its number
    std::uint8_t track = 0;        // the described one
    std::uint32_t nanosecondOffset = 0;
    std::int32_t compositionOffsetMs = 0;
    std::size_t headerSize = 0;   // what follows is the track's configuration record or coded frame
    std::size_t payloadSize = 0;  // of what follows
};

// Of a body with several tracks track 0 is described if it is there, else the first one. Never fail: a body that is too
// short or unknown describes itself as an ordinary frame of an unknown codec.
BodyDescription describeVideoBody(ByteView body);
BodyDescription describeAudioBody(ByteView body);

// Each track of a body, at least one; of one with more only the first so many.
constexpr std::size_t mostTracksOfBody = 32;
using TrackUse = std::function<void(const BodyDescription& track)>;
void forEachVideoTrack(ByteView body, const TrackUse& use);
void forEachAudioTrack(ByteView body, const TrackUse& use);

struct PictureSize
{
    int width = 0;
    int height = 0;

    bool operator==(const PictureSize&) const = default;
};

// What onMetaData says; zero where it says nothing.
PictureSize pictureSizeOfMetadata(ByteView scriptBody);
double frameRateOfMetadata(ByteView scriptBody);

}  // namespace headgate
