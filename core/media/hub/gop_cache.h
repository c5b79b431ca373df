#pragma once

#include "core/base/time.h"
#include "core/media/hub/media_frame.h"

#include <vector>

namespace headgate {

// What a late joiner needs to start at once: metadata, decoder configurations, and everything since the last key frame.
// A stream without video keeps no frames. Bounded: a GOP that grows beyond the bounds is given up until the next key
// frame, and joiners wait for that one.
class GopCache
{
public:
    static constexpr std::size_t mostBytes = 32 * 1024 * 1024;
    static constexpr std::size_t mostFrames = 6000;
    // Configurations of further tracks, and metadata of the pictures.
    static constexpr std::size_t mostExtras = 32;
    static constexpr std::size_t largestExtra = 64 * 1024;

    void add(const SharedFrame& frame);

    // In the order in which a joiner gets them: what a decoder needs, then the frames.
    std::vector<SharedFrame> essentials() const;
    std::vector<SharedFrame> forJoiner() const;

    // From the key frame to the newest frame, in media time.
    Duration span() const;

    // The newest; null if there is none, or its group of pictures grew beyond the bounds.
    SharedFrame keyFrame() const { return m_frames.empty() ? nullptr : m_frames.front(); }

    bool hasKeyFrame() const { return !m_frames.empty(); }
    bool hasVideo() const { return m_hasVideo; }
    bool hasAnything() const { return m_hasAnything; }
    const SharedFrame& metadata() const { return m_metadata; }
    const SharedFrame& videoHeader() const { return m_videoHeader; }
    const SharedFrame& audioHeader() const { return m_audioHeader; }

private:
    void keepEssential(const SharedFrame& frame);
    void keepExtra(const SharedFrame& frame);

    SharedFrame m_metadata;
    SharedFrame m_videoHeader;
    SharedFrame m_audioHeader;
    std::vector<SharedFrame> m_extras;  // one of each kind, track and sort
    std::vector<SharedFrame> m_frames;  // empty or begins with a key frame
    std::size_t m_bytes = 0;
    bool m_hasVideo = false;
    bool m_hasAnything = false;
};

}  // namespace headgate
