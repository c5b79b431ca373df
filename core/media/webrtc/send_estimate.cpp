#include "core/media/webrtc/send_estimate.h"

#include <algorithm>
#include <utility>

namespace headgate::webrtc {

namespace {

std::int64_t microsOf(MonotonicTime time)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

}  // namespace

std::uint16_t SendEstimate::packetSent(std::size_t bytes, MonotonicTime now)
{
    constexpr std::int64_t pause = 300'000;
    if (m_sent.empty())
        m_sent.resize(mostSent);
    const std::int64_t at = microsOf(now);
    if (at - m_lastSentUs > pause) {
        grow(at - m_lastSentUs);
        m_busySinceUs = at;
        m_arrivals = {};
    }
    m_lastSentUs = at;
    m_sent[m_next % mostSent] = Sent{static_cast<std::uint32_t>(at), m_next, static_cast<std::uint16_t>(bytes)};
    return m_next++;
}

void SendEstimate::packetsArrived(const std::vector<PacketArrival>& arrivals, MonotonicTime now)
{
    constexpr int leastPackets = 10;
    if (m_sent.empty())
        return;
    for (const PacketArrival& arrival : arrivals) {
        Sent& sent = m_sent[arrival.sequence % mostSent];
        if (sent.sequence == arrival.sequence && sent.bytes != 0)
            take(sent, arrival);
    }
    if (m_arrivals.came >= leastPackets &&
        m_arrivals.lastUs - m_arrivals.firstUs >= std::chrono::microseconds(period).count())
        look(now);
}

// What was overtaken is told as lost first, and once more when it came.
void SendEstimate::take(Sent& sent, const PacketArrival& arrival)
{
    constexpr std::uint16_t lostBit = 0x8000;
    const std::int64_t sentUs = m_lastSentUs - (static_cast<std::uint32_t>(m_lastSentUs) - sent.atUs);
    const bool counts = sentUs >= m_busySinceUs;
    const bool wasLost = (sent.bytes & lostBit) != 0;
    if (!arrival.atUs) {
        m_arrivals.lost += counts && !wasLost ? 1 : 0;
        sent.bytes |= lostBit;
        return;
    }
    const std::size_t bytes = std::exchange(sent.bytes, std::uint16_t{0}) % lostBit;
    const MonotonicTime sentAt{std::chrono::microseconds(sentUs)};
    m_newestToCome = std::max(m_newestToCome.value_or(sentAt), sentAt);
    if (!counts)
        return;
    m_arrivals.lost -= wasLost && m_arrivals.lost > 0 ? 1 : 0;
    count(sentUs, bytes, *arrival.atUs);
}

void SendEstimate::count(std::int64_t sentUs, std::size_t bytes, std::int64_t arrivedUs)
{
    const std::int64_t way = arrivedUs - sentUs;
    if (m_arrivals.came++ == 0) {
        m_arrivals.firstUs = m_arrivals.lastUs = arrivedUs;
        m_arrivals.leastWayUs = way;
        return;
    }
    m_arrivals.bytes += bytes;
    m_arrivals.lastUs = std::max(m_arrivals.lastUs, arrivedUs);
    m_arrivals.leastWayUs = std::min(m_arrivals.leastWayUs, way);
}

// By a tenth in a second.
void SendEstimate::grow(std::int64_t us)
{
    if (m_limit)
        *m_limit += *m_limit / 10 * std::min<std::int64_t>(us, 1'000'000) / 1'000'000;
}

void SendEstimate::look(MonotonicTime now)
{
    constexpr std::chrono::seconds memory(10);
    constexpr std::chrono::seconds forgetting(5);
    constexpr std::int64_t growing = 5000;  // microseconds from one look to the next
    constexpr double share = 0.15;          // of the newest look in the loss of late
    const Arrivals seen = std::exchange(m_arrivals, {});
    if (!m_fastestSince || now - *m_fastestSince > memory) {
        m_fastestSince = now;
        m_fastestWaysUs = {std::nullopt, m_fastestWaysUs[0]};
    }
    m_fastestWaysUs[0] = std::min(m_fastestWaysUs[0].value_or(seen.leastWayUs), seen.leastWayUs);
    const std::int64_t queueing =
        seen.leastWayUs - std::min(*m_fastestWaysUs[0], m_fastestWaysUs[1].value_or(seen.leastWayUs));
    const std::int64_t took = seen.lastUs - seen.firstUs;
    const std::int64_t rate = static_cast<std::int64_t>(seen.bytes) * 8'000'000 / took;
    m_loss += share * (static_cast<double>(seen.lost) / (seen.came + seen.lost) - m_loss);
    // Twice in a row: a receiver that had no processor for a moment is no network that is full.
    const std::int64_t most = std::chrono::microseconds(mostQueueing).count();
    const bool isQueueing = queueing > m_queueingUs + growing && m_queueingUs > most;
    if (isQueueing || m_loss > mostLoss) {
        m_limit = std::max({rate * 85 / 100, m_limit.value_or(0) / 2, leastBits});
        m_limitedAt = now;
        m_loss = 0;
    } else if (m_limit) {
        m_limit =
            *m_limit + *m_limit / 10 * std::min<std::int64_t>(took, 1'000'000) / 1'000'000;  // a tenth in a second
        // What is far above what is sent holds nobody back.
        if (now - m_limitedAt > forgetting && *m_limit > rate * 3 / 2)
            m_limit.reset();
    }
    m_queueingUs = queueing;
}

void SendEstimate::receiverLimits(std::int64_t bitsPerSecond, MonotonicTime now)
{
    constexpr std::int64_t mostBits = 10'000'000'000;
    m_receiverLimit = std::clamp(bitsPerSecond, leastBits, mostBits);
    m_receiverLimitedAt = now;
}

std::optional<std::int64_t> SendEstimate::limit(MonotonicTime now) const
{
    constexpr std::chrono::seconds memory(5);
    if (!m_receiverLimit || now - m_receiverLimitedAt > memory)
        return m_limit;
    return std::min(m_limit.value_or(*m_receiverLimit), *m_receiverLimit);
}

void SendEstimate::restart(MonotonicTime now)
{
    m_busySinceUs = microsOf(now);
    m_fastestWaysUs = {};
    m_arrivals = {};
    m_queueingUs = 0;
    m_loss = 0;
    m_limit.reset();
    m_receiverLimit.reset();
}

std::int64_t ReceiveEstimate::next(std::int64_t bitsReceived, std::uint8_t lostOf256)
{
    constexpr std::int64_t least = 150'000;
    constexpr std::int64_t most = 50'000'000;
    constexpr int muchLoss = 26;   // a tenth
    constexpr int littleLoss = 6;  // one of forty
    if (lostOf256 > muchLoss)
        m_limit = bitsReceived - bitsReceived * lostOf256 / 512;
    else if (lostOf256 < littleLoss)
        m_limit = std::max(m_limit, std::min(bitsReceived * 2, m_limit + m_limit * 8 / 100 + 20'000));
    return m_limit = std::clamp(m_limit, least, most);
}

}  // namespace headgate::webrtc
