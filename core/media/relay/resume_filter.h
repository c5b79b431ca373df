#pragma once

#include "core/media/hub/media_frame.h"

#include <array>
#include <cstdint>
#include <optional>

namespace headgate {

// Makes one sequence of frames out of the pulls of one stream: after a new pull the parent begins with its cache, most
// of which was delivered already. What is not newer than the last frame of its kind is left out until something newer
// comes; decoder configurations and metadata that did not change are left out as well.
class ResumeFilter
{
public:
    enum class Continuation
    {
        SameSource,  // timestamps go on
        NewSource    // another publisher; nothing of it is known
    };

    void startPull(Continuation continuation);
    bool lets(const SharedFrame& frame);

private:
    struct Track
    {
        std::optional<std::uint32_t> lastMs;
        bool isCatchingUp = false;
        SharedFrame essential;
    };

    std::array<Track, 3> m_tracks;  // by FrameKind
};

}  // namespace headgate
