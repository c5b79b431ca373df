#pragma once

#include "core/base/time.h"
#include "core/media/net/bytes.h"

#include <optional>

namespace headgate {

// A wall time beside a picture: the payload of an H.264 or H.265 SEI message "user data unregistered" (payload type 5;
// H.264 D.1.7). 16 bytes of our UUID 34f22d7f-86bd-4b3e-a448-5b11d14b639e, then the milliseconds since 1970 UTC as 64
// bits, most significant first. Relays and servers that know nothing of it pass it on.
Bytes makeSeiStamp(TimePoint time);

// None for other user data. What follows the time is left for later versions.
std::optional<TimePoint> timeOfSeiStamp(ByteView userData);

}  // namespace headgate
