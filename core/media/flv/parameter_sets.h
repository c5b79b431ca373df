#pragma once

#include "core/media/flv/tag_body.h"

namespace headgate {

// The picture's size after cropping, out of the first sequence parameter set of a decoder configuration record (ISO
// 14496-15, 5.3.3.1 and 8.3.3.1). Zero if it is malformed.
PictureSize pictureSizeOfAvcRecord(ByteView record);
PictureSize pictureSizeOfHevcRecord(ByteView record);

}  // namespace headgate
