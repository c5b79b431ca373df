#pragma once

#include "core/media/flv/tag_body.h"

namespace headgate {

// The largest picture that an AV1 sequence header among these OBUs announces (AV1 specification, 5.3 and 5.5); zero if
// there is none or it is malformed.
PictureSize sizeOfAv1Units(ByteView units);

// The size in a VP9 key frame's uncompressed header (VP9 specification, 6.2); zero if it is none.
PictureSize sizeOfVp9Frame(ByteView frame);

}  // namespace headgate
