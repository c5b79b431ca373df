#pragma once

#include "core/media/flv/tag_body.h"

#include <optional>

namespace headgate {

// The picture's size after cropping, out of the first sequence parameter set of a decoder configuration record (ISO
// 14496-15, 5.3.3.1 and 8.3.3.1). Zero if it is malformed.
PictureSize pictureSizeOfAvcRecord(ByteView record);
PictureSize pictureSizeOfHevcRecord(ByteView record);

// By how many pictures one may come before it is shown (H.264, E.2.1; H.265, 7.4.3.2.1); none if it does not say.
std::optional<int> reorderDepthOfAvcRecord(ByteView record);
std::optional<int> reorderDepthOfHevcRecord(ByteView record);

}  // namespace headgate
