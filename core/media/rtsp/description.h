#pragma once

#include "core/base/result.h"
#include "core/media/hub/gop_cache.h"
#include "core/media/ts/transport.h"

#include <string>
#include <string_view>
#include <vector>

namespace headgate::rtsp {

// One track as SDP tells it (RFC 4566).
struct TrackDescription
{
    ts::Codec codec = ts::Codec::Avc;
    int payloadType = 96;
    int clockRate = 90'000;
    Bytes configuration;      // of AAC
    bool isLatm = false;      // AAC in the frames of RFC 6416, which some publish, else in those of RFC 3640
    std::vector<Bytes> sets;  // parameter sets of pictures
    std::string control;      // a URL, or what is behind that of the stream

    bool isVideo() const { return ts::isVideo(codec); }
    bool operator==(const TrackDescription&) const = default;
};

// What a publisher announces: pictures, sound or both. InvalidArgument for what is malformed, Unsupported for what
// cannot be taken.
Result<std::vector<TrackDescription>> readAnnounced(std::string_view sdp);

// Of what the stream has what RTSP carries here, pictures first; the others are left out.
std::vector<TrackDescription> playableTracks(const GopCache& cache);

// For viewers; `url` is that of the stream, without a query. Sets the tracks' controls.
std::string describe(std::vector<TrackDescription>& tracks, const std::string& url, const std::string& name);

}  // namespace headgate::rtsp
