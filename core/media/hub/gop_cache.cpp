#include "core/media/hub/gop_cache.h"

#include <algorithm>

namespace headgate {

void GopCache::keepEssential(const SharedFrame& frame)
{
    if (frame->isMetadata())
        m_metadata = frame;
    else if (frame->isVideoMetadata() || frame->track() != 0)
        keepExtra(frame);
    else if (frame->kind() == FrameKind::Video)
        m_videoHeader = frame;
    else
        m_audioHeader = frame;
}

void GopCache::keepExtra(const SharedFrame& frame)
{
    const auto place = std::find_if(m_extras.begin(), m_extras.end(), [&](const SharedFrame& other) {
        return other->kind() == frame->kind() && other->track() == frame->track() &&
               other->isVideoMetadata() == frame->isVideoMetadata();
    });
    if (place != m_extras.end())
        *place = frame;
    else if (m_extras.size() < mostExtras && frame->body().size() <= largestExtra)
        m_extras.push_back(frame);
}

void GopCache::add(const SharedFrame& frame)
{
    m_hasAnything = true;
    m_hasVideo = m_hasVideo || frame->kind() == FrameKind::Video;
    if (frame->isEssential()) {
        // The frames so far belong to the old configuration; a joiner cannot be given both in one start.
        const bool isLeading = frame->isSequenceHeader() && frame->track() == 0;
        if (frame->kind() == FrameKind::Video && isLeading && m_videoHeader && m_videoHeader->body() != frame->body()) {
            m_frames.clear();
            m_bytes = 0;
        }
        keepEssential(frame);
        return;
    }
    // Who takes one begins with its next key frame.
    if (frame->isLayer())
        return;
    if (frame->isKeyFrame()) {
        m_frames.clear();
        m_bytes = 0;
    } else if (m_frames.empty()) {
        return;
    }
    m_frames.push_back(frame);
    m_bytes += frame->body().size();
    if (m_frames.size() > mostFrames || m_bytes > mostBytes) {
        m_frames.clear();
        m_bytes = 0;
    }
}

Duration GopCache::span() const
{
    // The difference holds over the wrap-around. Audio may be a little before its key frame.
    const auto passed =
        m_frames.empty() ? 0
                         : static_cast<std::int32_t>(m_frames.back()->timestampMs() - m_frames.front()->timestampMs());
    return Duration(std::max(passed, 0));
}

std::vector<SharedFrame> GopCache::essentials() const
{
    std::vector<SharedFrame> frames;
    frames.reserve(m_extras.size() + 3);
    for (const SharedFrame& essential : {m_metadata, m_videoHeader, m_audioHeader}) {
        if (essential)
            frames.push_back(essential);
    }
    frames.insert(frames.end(), m_extras.begin(), m_extras.end());
    return frames;
}

std::vector<SharedFrame> GopCache::forJoiner() const
{
    std::vector<SharedFrame> frames = essentials();
    frames.insert(frames.end(), m_frames.begin(), m_frames.end());
    return frames;
}

}  // namespace headgate
