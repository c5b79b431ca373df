#include "core/media/rtp/reorder_buffer.h"

#include <algorithm>
#include <utility>

namespace headgate {

void ReorderBuffer::restart(std::uint16_t sequence)
{
    m_hasGap = m_isStarted;
    m_isStarted = true;
    m_first = m_next = sequence;
    m_highest = m_next - 1;
    m_received = 0;
    m_held.clear();
    m_missing.clear();
}

void ReorderBuffer::add(const RtpHeader& header, ByteView payload, MonotonicTime now)
{
    if (!m_isStarted)
        restart(header.sequence);
    const auto distance = static_cast<std::int16_t>(header.sequence - static_cast<std::uint16_t>(m_highest));
    std::int64_t sequence = m_highest + distance;
    if (distance > mostAhead || sequence < m_highest - mostAhead || m_held.size() >= mostHeld) {
        restart(header.sequence);
        sequence = m_next;
    }
    if (sequence < m_next)
        return;
    const bool isNew =
        m_held
            .try_emplace(sequence,
                         Held{{header.timestamp, header.isMarked, false, Bytes(payload.begin(), payload.end())}, now})
            .second;
    m_received += isNew ? 1 : 0;
    if (const auto asked = m_missing.find(sequence); asked != m_missing.end()) {
        if (asked->second.times > 0)
            answered(asked->second, now);
        m_missing.erase(asked);
    }
    for (std::int64_t lost = m_highest + 1; lost < sequence; ++lost)
        m_missing[lost] = Asked{now};
    m_highest = std::max(m_highest, sequence);
}

// The answer to the only wish tells how long answers take, unless it is so fast that the packet was only overtaken. Of
// several wishes nobody knows which one was answered: that never makes the time shorter, or asking too soon would.
void ReorderBuffer::answered(const Asked& asked, MonotonicTime now)
{
    const auto since = [now](MonotonicTime wish) { return std::chrono::duration_cast<Duration>(now - wish); };
    if (m_answerTime == Duration(0))
        m_answerTime = since(asked.first);
    else if (asked.times > 1)
        m_answerTime =
            std::max(m_answerTime, since(2 * since(asked.last) < m_answerTime ? asked.beforeLast : asked.last));
    else if (2 * since(asked.first) < m_answerTime)
        m_answerTime = m_answerTime * 63 / 64;
    else
        m_answerTime = std::max(since(asked.first), m_answerTime * 7 / 8);
}

// Long enough to ask four times.
Duration ReorderBuffer::patience() const
{
    if (m_repair == Repair::None)
        return reordering;
    return m_answerTime == Duration(0) ? firstPatience
                                       : std::clamp(m_answerTime * 4 + askPeriod, leastPatience, mostPatience);
}

std::optional<ReorderBuffer::Packet> ReorderBuffer::next(MonotonicTime now)
{
    if (m_held.empty())
        return std::nullopt;
    const auto first = m_held.begin();
    if (first->first != m_next) {
        const auto asked = m_missing.find(m_next);
        if (asked != m_missing.end() && now - asked->second.since < patience())
            return std::nullopt;
        m_missing.erase(m_missing.begin(), m_missing.lower_bound(first->first));
        m_next = first->first;
        m_hasGap = true;
    }
    Packet packet = std::move(first->second.packet);
    packet.followsGap = std::exchange(m_hasGap, false);
    m_held.erase(first);
    ++m_next;
    return packet;
}

std::vector<std::uint16_t> ReorderBuffer::missing(MonotonicTime now)
{
    constexpr std::size_t most = 256;  // in one look
    std::vector<std::uint16_t> wanted;
    for (auto& [sequence, asked] : m_missing) {
        if (asked.times > 0 && now - asked.last < std::max(askPeriod, m_answerTime))
            continue;
        asked.first = asked.times++ == 0 ? now : asked.first;
        asked.beforeLast = std::exchange(asked.last, now);
        wanted.push_back(static_cast<std::uint16_t>(sequence));
        if (wanted.size() == most)
            break;
    }
    return wanted;
}

}  // namespace headgate
