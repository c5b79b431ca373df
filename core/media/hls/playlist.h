#pragma once

#include "core/media/hls/shelf.h"

#include <string>

namespace headgate::hls {

enum class Extent
{
    Whole,
    Delta  // without what the client has for long (RFC 8216bis, 5.2.1 EXT-X-SKIP)
};

// The media playlist, of at least one complete segment (RFC 8216bis, 4). Addresses in it are relative to its own.
std::string mediaPlaylistOf(const Shelf& shelf, const Pace& pace, Extent extent, bool isEnded);

struct Variant
{
    std::string address;
    std::string codecs;
    PictureSize size;
    double framesPerSecond = 0;  // 0 is unknown, as below
    std::int64_t bitsPerSecond = 0;
};

std::string multivariantPlaylistOf(const Variant& variant);

}  // namespace headgate::hls
