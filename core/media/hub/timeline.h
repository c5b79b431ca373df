#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/net/event_loop.h"

#include <cstdint>
#include <optional>

namespace headgate {

// The time of a stream over several sources, each of which counts from where it likes: a new source goes on where the
// one before it stopped, plus what passed since, so that a viewer's clock neither jumps back nor runs dry.
class Timeline
{
public:
    // The next frame is the first one of another source.
    void startSource();

    // The frame as it stands in the stream's time; itself if the source's time is the stream's.
    SharedFrame place(const SharedFrame& frame, MonotonicTime now);

private:
    std::uint32_t timeOf(const MediaFrame& frame, MonotonicTime now);

    std::uint32_t m_offsetMs = 0;           // to be added, modulo 2^32
    std::uint32_t m_firstMs = 0;            // of this source, in the stream's time; nothing of it comes earlier
    std::optional<std::uint32_t> m_lastMs;  // the latest, in the stream's time
    MonotonicTime m_lastAt;
    bool m_isFirst = false;       // of a new source
    bool m_isContinuing = false;  // another source came before this one
};

}  // namespace headgate
