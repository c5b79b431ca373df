#include "core/media/hub/gop_cache.h"

namespace headgate {

void GopCache::keepEssential(const SharedFrame& frame)
{
    if (frame->isMetadata())
        m_metadata = frame;
    else if (frame->kind() == FrameKind::Video)
        m_videoHeader = frame;
    else
        m_audioHeader = frame;
}

void GopCache::add(const SharedFrame& frame)
{
    m_hasAnything = true;
    m_hasVideo = m_hasVideo || frame->kind() == FrameKind::Video;
    if (frame->isEssential()) {
        // The frames so far belong to the old configuration; a joiner cannot be given both in one start.
        if (frame->kind() == FrameKind::Video && m_videoHeader && m_videoHeader->body() != frame->body()) {
            m_frames.clear();
            m_bytes = 0;
        }
        keepEssential(frame);
        return;
    }
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

std::vector<SharedFrame> GopCache::forJoiner() const
{
    std::vector<SharedFrame> frames;
    frames.reserve(m_frames.size() + 3);
    for (const SharedFrame& essential : {m_metadata, m_videoHeader, m_audioHeader}) {
        if (essential)
            frames.push_back(essential);
    }
    frames.insert(frames.end(), m_frames.begin(), m_frames.end());
    return frames;
}

}  // namespace headgate
