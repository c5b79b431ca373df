#include "core/media/hub/timeline.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

std::int32_t aheadMs(std::uint32_t timestampMs, std::uint32_t ofMs)
{
    return static_cast<std::int32_t>(timestampMs - ofMs);
}

}  // namespace

void Timeline::startSource()
{
    m_isFirst = m_latest.has_value();
    m_isContinuing = m_isFirst;
    m_offsetMs = 0;
    m_formerOffset = 0;
    m_latestOf = {};
}

SharedFrame Timeline::place(const SharedFrame& frame, MonotonicTime now, Clock clock)
{
    const std::uint32_t time = timeOf(*frame, now, clock);
    if (!frame->isEssential()) {
        latestOf(frame->kind()) = Latest{time, now};
        if (!m_latest || aheadMs(time, m_latest->timeMs) > 0)
            m_latest = Latest{time, now};
    }
    return moved(frame, time);
}

SharedFrame Timeline::moved(const SharedFrame& frame, std::uint32_t timeMs)
{
    if (timeMs == frame->timestampMs())
        return frame;
    return std::make_shared<const MediaFrame>(frame->kind(), timeMs, frame->body());
}

std::uint32_t Timeline::nextTime(MonotonicTime now) const
{
    const auto passed = std::chrono::duration_cast<Duration>(now - m_latest->at).count();
    return m_latest->timeMs + static_cast<std::uint32_t>(std::max<Duration::rep>(passed, 1));
}

std::uint32_t Timeline::timeOf(const MediaFrame& frame, MonotonicTime now, Clock clock)
{
    if (m_isFirst) {
        // Configurations often say zero, whatever the frames after them say.
        if (frame.isEssential())
            return m_latest->timeMs;
        m_firstMs = nextTime(now);
        m_offsetMs = m_firstMs - frame.timestampMs();
        m_formerOffset = m_offsetMs;
        m_isFirst = false;
    }
    const std::uint32_t time = clock == Clock::MayJump ? unjumped(frame, now) : frame.timestampMs() + m_offsetMs;
    return m_isContinuing && aheadMs(m_firstMs, time) > 0 ? m_firstMs : time;
}

bool Timeline::fits(std::uint32_t timeMs, FrameKind kind, MonotonicTime now) const
{
    const auto& own = m_latestOf[static_cast<std::size_t>(kind)];
    const Latest& latest = own ? *own : *m_latest;
    // A kind that begins later may begin earlier than the other one has come.
    const Duration back = own ? mostBack : mostAhead;
    const Duration ahead(aheadMs(timeMs, latest.timeMs));
    return ahead >= -back && ahead <= mostAhead + (now - latest.at);
}

std::uint32_t Timeline::unjumped(const MediaFrame& frame, MonotonicTime now)
{
    const std::uint32_t time = frame.timestampMs() + m_offsetMs;
    if (!m_latest)
        return time;
    if (frame.isEssential())
        return fits(time, frame.kind(), now) ? time : m_latest->timeMs;
    if (!fits(time, frame.kind(), now)) {
        // Some encoders count in 31 bits.
        constexpr std::uint32_t halfWay = 0x8000'0000u;
        std::uint32_t offset = m_formerOffset;
        if (!fits(frame.timestampMs() + offset, frame.kind(), now))
            offset = m_offsetMs + halfWay;
        if (!fits(frame.timestampMs() + offset, frame.kind(), now))
            offset = nextTime(now) - frame.timestampMs();
        m_formerOffset = std::exchange(m_offsetMs, offset);
    }
    const std::uint32_t placed = frame.timestampMs() + m_offsetMs;
    const auto& own = latestOf(frame.kind());
    return own && aheadMs(own->timeMs, placed) > 0 ? own->timeMs : placed;
}

}  // namespace headgate
