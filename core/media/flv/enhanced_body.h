#pragma once

#include "core/media/flv/tag_body.h"

namespace headgate {

// Bodies of enhanced RTMP v1 and v2, after their first byte: packet types, extensions of them, tracks, FourCC. `use` is
// called for each track in its order, not for one that is cut off, nor for more than mostTracksOfBody.
void describeEnhancedVideo(ByteReader reader, std::uint32_t first, const TrackUse& use);
void describeEnhancedAudio(ByteReader reader, std::uint32_t first, const TrackUse& use);

}  // namespace headgate
