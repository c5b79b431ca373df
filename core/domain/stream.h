#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// Scope and name; the scope may have several segments: "live/room1" + "show1" is the stream "live/room1/show1".
// Segments are 1 to 128 characters of [A-Za-z0-9._~-] and are neither "." nor ".."; at most 8 segments.
struct StreamKey
{
    std::string scope;
    std::string name;

    static Result<StreamKey> parse(std::string_view path);
    std::string path() const { return scope + "/" + name; }
    auto operator<=>(const StreamKey&) const = default;
};

// What a node says of one stream that it carries, once a second.
struct StreamReport
{
    StreamKey key;
    bool isPublishedHere = false;    // a publisher is connected to this node (else it is pulled from `source`)
    std::string publisherAddress;    // host:port of the publisher, or of the parent node
    std::string protocol;            // "rtmp"
    std::uint64_t epoch = 0;         // grows each time a publisher takes the name; 0 = unknown
    int viewers = 0;                 // players on this node
    int children = 0;                // nodes pulling from this node
    std::int64_t bitsPerSecond = 0;  // incoming media over the last 2 s
    std::string videoCodec;          // "H.264"; empty if none
    std::string audioCodec;          // "AAC"; empty if none
    int width = 0;
    int height = 0;
    double framesPerSecond = 0;
    int keyFrameIntervalMs = 0;
    int sinceLastFrameMs = 0;
    double jitterMs = 0;  // see StreamTiming::jitterMs
    TimePoint startedAt;  // when this node began to carry it

    bool operator==(const StreamReport&) const = default;
};

}  // namespace headgate
