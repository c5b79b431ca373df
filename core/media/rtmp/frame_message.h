#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/rtmp/chunk_stream.h"

#include <functional>

namespace headgate::rtmp {

// The one message stream that every session of ours uses.
constexpr std::uint32_t mediaStreamId = 1;

// The frame as a message, cut for Link::chunkSize; one copy for all receivers.
Bytes encodeFrame(const MediaFrame& frame);

// The frames in a media message: none if it is empty or no media, several out of an aggregate. "@setDataFrame" is
// taken off metadata.
void forEachFrame(Message message, const std::function<void(SharedFrame)>& use);

}  // namespace headgate::rtmp
