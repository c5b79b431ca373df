#pragma once

#include "core/media/hub/media_frame.h"

#include <array>
#include <cstdint>
#include <optional>

namespace headgate {

// Makes one sequence of frames out of the pulls of one stream: after a new pull the parent begins with its cache, most
// of which was taken already. Until the last frame of a kind is seen again, or a newer one, that kind is left out;
// decoder configurations and metadata that did not change are left out as well. Two parents may count from different
// instants: the last key frame, seen again, tells by how much they differ.
class ResumeFilter
{
public:
    enum class Continuation
    {
        SameSource,
        NewSource  // another publisher; nothing of it is known
    };

    void startPull(Continuation continuation);

    // The frame in the time of the first pull; null if it was taken before.
    SharedFrame take(const SharedFrame& frame);

    // --- Of a frame of another pull of the same source, which is not taken yet. ---
    bool isLastKeyFrame(const MediaFrame& frame) const;
    // By its timestamp; of a kind that never came, nothing was taken.
    bool isNewer(const MediaFrame& frame) const;
    bool hasKeyFrame() const { return m_lastKeyFrame != nullptr; }

private:
    struct Track
    {
        SharedFrame last;
        bool isCatchingUp = false;
        SharedFrame essential;
    };

    bool isRepeated(Track& track, const MediaFrame& frame) const;

    std::array<Track, 3> m_tracks;  // by FrameKind
    SharedFrame m_lastKeyFrame;
    std::uint32_t m_shiftMs = 0;  // to be added to what this pull gives, modulo 2^32
};

}  // namespace headgate
