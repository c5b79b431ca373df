#include "core/media/ts/shared_muxer.h"

#include "core/media/hub/gop_cache.h"

#include <utility>

namespace headgate::ts {

const SharedBytes& SharedMuxer::packetsOf(const SharedFrame& frame)
{
    if (frame == m_latest.frame)
        return m_latest.packets;
    if (const auto found = m_written.find(frame.get()); found != m_written.end())
        return found->second.packets;
    Bytes bytes = m_muxer.add(*frame);
    m_latest = Written{frame, bytes.empty() ? nullptr : std::make_shared<const Bytes>(std::move(bytes))};
    const std::size_t size = m_latest.packets ? m_latest.packets->size() : 0;
    if (frame->isKeyFrame() || m_written.size() >= GopCache::mostFrames || m_bytes + size > GopCache::mostBytes) {
        m_written.clear();
        m_bytes = 0;
    }
    m_written.emplace(frame.get(), m_latest);
    m_bytes += size;
    return m_latest.packets;
}

}  // namespace headgate::ts
