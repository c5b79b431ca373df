#pragma once

#include "core/media/ts/muxer.h"

#include <unordered_map>

namespace headgate::ts {

// One muxer for all who watch a stream on one loop (Stream::shared()): each frame is written once, and kept as long as
// the stream's cache keeps it for joiners.
class SharedMuxer
{
public:
    // Null for what has no bytes in a transport stream.
    const SharedBytes& packetsOf(const SharedFrame& frame);

private:
    struct Written
    {
        SharedFrame frame;  // so that no other one has its address
        SharedBytes packets;
    };

    Muxer m_muxer;
    std::unordered_map<const MediaFrame*, Written> m_written;
    std::size_t m_bytes = 0;
    Written m_latest;
};

}  // namespace headgate::ts
