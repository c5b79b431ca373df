#pragma once

#include "core/media/flv/tag_body.h"

namespace headgate {

// Bodies of enhanced RTMP v1 and v2, after their first byte: packet types, extensions of them, tracks, FourCC. Of a
// body with several tracks track 0 is described if it is there, else the first one. The reader stands behind the header
// then; it is not ok if the body is too short.
BodyDescription describeEnhancedVideo(ByteReader& reader, std::uint32_t first);
BodyDescription describeEnhancedAudio(ByteReader& reader, std::uint32_t first);

}  // namespace headgate
