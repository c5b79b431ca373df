#pragma once

#include "core/media/hub/layer_gate.h"
#include "core/media/hub/media_frame.h"
#include "core/media/net/event_loop.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace headgate {

// Makes one sequence of frames out of the pulls of one stream: after a new pull the parent begins with its cache, most
// of which was taken already. Until the last frame of a kind is seen again, or a newer one, that kind is left out;
// decoder configurations and metadata that did not change are left out as well.
//
// Two parents may count time from different instants: the last key frame, seen again, tells by how much they differ.
// Pictures that do not move may make key frames that are the same byte for byte. Then only one of the same time is the
// same one, unless no time of the new parent can be the old one's: by being off by more than 2 s, or by no whole number
// of repetitions. Then those are the same that are equally far behind live, which may be wrong by whole repetitions if
// one parent is later than the other by more than half of one.
class ResumeFilter
{
public:
    // Another publisher begins, of which nothing is known; its times need so much to be added (modulo 2^32).
    void startSource(std::uint32_t shiftMs);

    // Another pull of the same source begins; none: how much its times need to be added is to be found.
    void startPull(std::optional<std::uint32_t> shiftMs);

    // The frame in the time of the first pull; null if it was taken before.
    SharedFrame take(const SharedFrame& frame, MonotonicTime now);

    // What the times of the present pull need to be added.
    std::uint32_t shiftMs() const { return m_shiftMs; }
    bool hasKeyFrame() const { return m_lastKeyFrame != nullptr; }

    struct Place
    {
        std::uint32_t shiftMs = 0;
        bool isSure = false;
    };

    // How what another pull of this source gave since that instant stands to what was taken; none without a common key
    // frame.
    std::optional<Place> placeOf(const std::vector<SharedFrame>& frames, MonotonicTime since, MonotonicTime now) const;

    // Than what was taken, if its time needs so much to be added. Of a kind that never came, nothing was taken.
    bool isNewer(const MediaFrame& frame, std::uint32_t shiftMs) const;

private:
    struct Track
    {
        SharedFrame last;
        bool isCatchingUp = false;
        SharedFrame essential;
    };
    struct KeyFrameMark
    {
        std::uint32_t timestampMs = 0;
        std::size_t hash = 0;
    };

    bool isLastKeyFrame(const MediaFrame& frame) const;
    SharedFrame takeLayer(const SharedFrame& frame);
    SharedFrame shifted(const SharedFrame& frame) const;
    bool isRepeated(Track& track, const MediaFrame& frame) const;
    bool mayRepeat() const;  // or nobody knows yet
    bool isOfSameClock(const MediaFrame& keyFrame, MonotonicTime now) const;
    std::uint32_t shiftOf(const MediaFrame& keyFrame, MonotonicTime now) const;
    void noteKeyFrame(const SharedFrame& frame, MonotonicTime now);

    std::array<Track, 3> m_tracks;  // by FrameKind, without layers
    LayerGate m_layers;
    SharedFrame m_lastKeyFrame;
    MonotonicTime m_lastKeyFrameAt;
    MonotonicTime m_lastPictureAt;
    std::deque<KeyFrameMark> m_earlierKeyFrames;
    std::int32_t m_repetitionMs = 0;  // since the last key frame came before, 0 if it did not lately
    std::uint32_t m_shiftMs = 0;
    bool m_isPlaced = true;  // m_shiftMs is known
};

}  // namespace headgate
