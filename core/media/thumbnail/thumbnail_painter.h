#pragma once

#include "core/media/thumbnail/thumbnail_task.h"

namespace headgate {

// Decodes the key frame and answers it as a JPEG of the task's width, as high as its shape wants, at most 2,048.
// Unsupported with the reason if there is no such picture. May take long, and much memory, for hostile input.
Result<Bytes> paintThumbnail(const ThumbnailTask& task);

}  // namespace headgate
