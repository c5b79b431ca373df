#pragma once

#include "core/media/flv/tag_body.h"

#include <cstdint>
#include <optional>
#include <string>

namespace headgate::fmp4 {

// What an init segment says of a track.
struct TrackSetup
{
    std::string codec;            // as RFC 6381 writes it: "avc1.64001F", "mp4a.40.2"
    std::uint32_t timescale = 1;  // ticks a second
    PictureSize size;
    std::uint32_t frameTicks = 0;  // AAC: what one frame lasts
    Bytes sampleEntry;             // the box in the track's list of them

    bool operator==(const TrackSetup&) const = default;
};

constexpr std::uint32_t videoTimescale = 90'000;
constexpr std::uint32_t videoTicksPerMs = videoTimescale / 1000;

// Of the leading track of a sequence header's body: H.264, HEVC, AV1; AAC, Opus. None for what is malformed or cannot
// be packaged here.
std::optional<TrackSetup> videoSetupOf(ByteView sequenceHeader);
std::optional<TrackSetup> audioSetupOf(ByteView sequenceHeader);

// What an Opus packet lasts at 48 kHz (RFC 6716, 3.1 and 3.2); 0 if it is malformed.
std::uint32_t opusTicksOf(ByteView packet);

}  // namespace headgate::fmp4
