#pragma once

#include "core/media/hub/gop_cache.h"
#include "core/media/webrtc/sdp.h"

#include <string>
#include <vector>

namespace headgate::webrtc {

// What of a stream can go to browsers.
struct PlayableTracks
{
    bool hasVideo = false;
    bool hasAudio = false;
    std::string profile;         // of H.264: the three bytes of profile-level-id; of VP9: its number
    std::string codec = "h264";  // of the pictures, as session descriptions name it: "vp8", "vp9", "av1"
};

// Of the stream of a Feed. Unsupported if its pictures cannot be shown: of another codec, or out of order.
Result<PlayableTracks> playableTracks(const GopCache& cache);

// Whether the frame would have to be shown at another time than its place in the stream, which RTP's H.264 of browsers
// does not know.
bool isOutOfOrder(const MediaFrame& frame);

Error outOfOrderError();

// How the offer of a viewer is answered: the first section of each kind, with what the stream has. Unsupported if
// nothing of the stream fits.
Result<std::vector<MediaAnswer>> answerViewer(const SessionDescription& offer, const PlayableTracks& tracks);

// What a browser would offer that knows the stream's codec and Opus: its answer is our offer.
SessionDescription usualOffer(const PlayableTracks& tracks);

// How the offer of a publisher is answered: the first section of each kind, sound as Opus, pictures as H.264 if it has
// that, since RTMP and HLS carry it too, else as the first of VP8, VP9 and AV1. Unsupported if it has nothing of it.
Result<std::vector<MediaAnswer>> answerPublisher(const SessionDescription& offer);

}  // namespace headgate::webrtc
