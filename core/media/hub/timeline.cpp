#include "core/media/hub/timeline.h"

#include <algorithm>

namespace headgate {

namespace {

bool isLater(std::uint32_t timestampMs, std::uint32_t thanMs)
{
    return static_cast<std::int32_t>(timestampMs - thanMs) > 0;
}

}  // namespace

void Timeline::startSource()
{
    m_isFirst = m_lastMs.has_value();
    m_isContinuing = m_isFirst;
    m_offsetMs = 0;
}

SharedFrame Timeline::place(const SharedFrame& frame, MonotonicTime now)
{
    const std::uint32_t time = timeOf(*frame, now);
    if (!frame->isEssential() && (!m_lastMs || isLater(time, *m_lastMs))) {
        m_lastMs = time;
        m_lastAt = now;
    }
    if (time == frame->timestampMs())
        return frame;
    return std::make_shared<const MediaFrame>(frame->kind(), time, frame->body());
}

std::uint32_t Timeline::timeOf(const MediaFrame& frame, MonotonicTime now)
{
    if (!m_isContinuing)
        return frame.timestampMs();
    if (m_isFirst) {
        // Configurations often say zero, whatever the frames after them say.
        if (frame.isEssential())
            return *m_lastMs;
        const auto passed = std::chrono::duration_cast<Duration>(now - m_lastAt).count();
        m_firstMs = *m_lastMs + static_cast<std::uint32_t>(std::max<Duration::rep>(passed, 1));
        m_offsetMs = m_firstMs - frame.timestampMs();
        m_isFirst = false;
    }
    const std::uint32_t time = frame.timestampMs() + m_offsetMs;
    return isLater(m_firstMs, time) ? m_firstMs : time;
}

}  // namespace headgate
