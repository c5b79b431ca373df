#pragma once

#include "core/media/net/event_loop.h"
#include "core/media/rtp/arrival_report.h"

#include <array>
#include <optional>
#include <vector>

namespace headgate::webrtc {

// What the network to one viewer carries, as its transport-wide feedback tells: packets that wait longer and longer on
// their way, or get lost in numbers, mean that it got more than that. What it carries is what arrived meanwhile.
class SendEstimate
{
public:
    static constexpr Duration period{250};        // of what is looked at, as it arrived
    static constexpr Duration mostQueueing{100};  // more than on the fastest way of late
    static constexpr double mostLoss = 0.12;      // of chance; more is for lack of room
    static constexpr std::int64_t leastBits = 100'000;

    // A packet goes out; its transport-wide number.
    std::uint16_t packetSent(std::size_t bytes, MonotonicTime now);

    void packetsArrived(const std::vector<PacketArrival>& arrivals, MonotonicTime now);

    // The receiver's own estimate, which holds for some seconds.
    void receiverLimits(std::int64_t bitsPerSecond, MonotonicTime now);

    // When the newest packet went out of which it is known that it came.
    std::optional<MonotonicTime> newestToCome() const { return m_newestToCome; }

    // What may be sent in a second; none while the network carries what it gets.
    std::optional<std::int64_t> limit(MonotonicTime now) const;

    // How long packets wait on their way, as they were seen last.
    Duration queueing() const { return std::chrono::floor<Duration>(std::chrono::microseconds(m_queueingUs)); }

    // It is another network from now on; what was sent before does not count.
    void restart(MonotonicTime now);

private:
    // A second of 20 Mbit/s, or more of less.
    static constexpr std::size_t mostSent = 2048;

    // One is written for each packet of each viewer: small, since none is in the processor's cache any more.
    struct Sent
    {
        std::uint32_t atUs = 0;  // modulo 2^32
        std::uint16_t sequence = 0;
        std::uint16_t bytes = 0;  // 0: it came; and a bit for what was told as lost, and may still come
    };
    // Since the last look, and of what was sent without a pause.
    struct Arrivals
    {
        std::size_t bytes = 0;  // but for the first packet, with which its time begins
        int came = 0;
        int lost = 0;
        std::int64_t firstUs = 0;
        std::int64_t lastUs = 0;
        std::int64_t leastWayUs = 0;
    };

    void take(Sent& sent, const PacketArrival& arrival);
    void count(std::int64_t sentUs, std::size_t bytes, std::int64_t arrivedUs);
    void grow(std::int64_t us);
    void look(MonotonicTime now);

    std::uint16_t m_next = 0;
    std::vector<Sent> m_sent;  // by sequence number
    Arrivals m_arrivals;
    std::optional<MonotonicTime> m_newestToCome;
    std::int64_t m_lastSentUs = 0;
    std::int64_t m_busySinceUs = 0;                                // there was a pause before
    std::array<std::optional<std::int64_t>, 2> m_fastestWaysUs{};  // of the last ten seconds, and of those before
    std::optional<MonotonicTime> m_fastestSince;
    std::int64_t m_queueingUs = 0;  // at the last look
    double m_loss = 0;              // of late
    std::optional<std::int64_t> m_limit;
    MonotonicTime m_limitedAt;  // lowered
    std::optional<std::int64_t> m_receiverLimit;
    MonotonicTime m_receiverLimitedAt;
};

// What a publisher without transport-wide feedback may send (REMB), by what came of it and what was lost.
class ReceiveEstimate
{
public:
    // Once a second. What it may send from now on, in a second.
    std::int64_t next(std::int64_t bitsReceived, std::uint8_t lostOf256);

private:
    std::int64_t m_limit = 1'000'000;
};

}  // namespace headgate::webrtc
