#include "core/media/rtp/received_track.h"

#include <algorithm>
#include <cmath>

namespace headgate {

void ReceivedTrack::add(const RtpHeader& header, ByteView payload, MonotonicTime now, Duration sinceStart)
{
    // A browser may change its SSRC when it restarts an encoder.
    if (!m_isStarted || header.ssrc != m_ssrc) {
        m_isStarted = true;
        m_ssrc = header.ssrc;
        m_packets = ReorderBuffer(m_repair);
        m_clock.reset();
        m_lastTimestamp = header.timestamp;
        m_offsetMs =
            static_cast<double>(sinceStart.count()) - static_cast<double>(m_lastTimestamp) * 1000 / m_clockRate;
        m_reportedExpected = m_reportedReceived = 0;
        if (m_earlyReport && m_earlyReport->ssrc == m_ssrc)
            takeReport(*m_earlyReport, now);
    }
    m_packets.add(header, payload, now);
}

std::uint32_t ReceivedTrack::mediaMs(std::uint32_t timestamp)
{
    m_lastTimestamp = unwrapped(timestamp);
    const double ms = static_cast<double>(m_lastTimestamp) * 1000 / m_clockRate + m_offsetMs;
    return static_cast<std::uint32_t>(std::max<std::int64_t>(0, std::llround(ms)));
}

void ReceivedTrack::takeReport(const SenderReport& report, MonotonicTime now)
{
    if (!m_isStarted)
        m_earlyReport = report;
    else if (report.ssrc == m_ssrc)
        m_clock = Clock{report.ntp, unwrapped(report.timestamp), now};
}

std::optional<double> ReceivedTrack::clockOfZeroMs() const
{
    if (!m_clock)
        return std::nullopt;
    const double clockMs = static_cast<double>(m_clock->ntp >> 16) * 1000 / 65'536;
    return clockMs - (static_cast<double>(m_clock->timestamp) * 1000 / m_clockRate + m_offsetMs);
}

void ReceivedTrack::alignWith(const ReceivedTrack& other)
{
    constexpr double leastMs = 10;
    constexpr double mostMs = 1000;  // else the clocks cannot be believed
    const auto mine = clockOfZeroMs();
    const auto theirs = other.clockOfZeroMs();
    const double apart = mine && theirs ? *mine - *theirs : 0;
    if (std::abs(apart) >= leastMs && std::abs(apart) <= mostMs)
        m_offsetMs += apart;
}

ReceiverReport ReceivedTrack::makeReport(MonotonicTime now)
{
    constexpr std::uint64_t mostLost = 0x7FFFFF;
    ReceiverReport report;
    report.ssrc = m_ssrc;
    report.highest = m_packets.highest();
    const std::uint64_t expected = m_packets.expected();
    const std::uint64_t received = std::min(m_packets.received(), expected);
    report.lost = static_cast<std::uint32_t>(std::min(expected - received, mostLost));
    if (expected > m_reportedExpected && received >= m_reportedReceived) {
        const std::uint64_t since = expected - m_reportedExpected;
        const std::uint64_t came = std::min(received - m_reportedReceived, since);
        report.lostOf256 = static_cast<std::uint8_t>(std::min<std::uint64_t>((since - came) * 256 / since, 255));
    }
    m_reportedExpected = expected;
    m_reportedReceived = received;
    if (m_clock) {
        const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now - m_clock->at).count();
        report.lastSenderReport = static_cast<std::uint32_t>(m_clock->ntp >> 16);
        report.sinceSenderReport = static_cast<std::uint32_t>(since * 65'536 / 1'000'000);
    }
    return report;
}

}  // namespace headgate
