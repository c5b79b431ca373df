#pragma once

#include "core/media/rtp/reorder_buffer.h"
#include "core/media/rtp/rtcp.h"

#include <optional>

namespace headgate {

// One SSRC of a publisher: its packets in order, and its clock in the stream's milliseconds.
class ReceivedTrack
{
public:
    explicit ReceivedTrack(int clockRate, ReorderBuffer::Repair repair = ReorderBuffer::Repair::Asked)
        : m_clockRate(clockRate), m_repair(repair), m_packets(repair)
    {}

    // Which of the peer's packets belong to it.
    void setPayloadType(int type) { m_payloadType = type; }
    int payloadType() const { return m_payloadType; }  // -1: none
    std::uint32_t ssrc() const { return m_ssrc; }

    // The first packet sets its time to that of its arrival, `sinceStart`.
    void add(const RtpHeader& header, ByteView payload, MonotonicTime now, Duration sinceStart);
    ReorderBuffer& packets() { return m_packets; }

    std::uint32_t mediaMs(std::uint32_t timestamp);

    // Of this SSRC; tells which instant of the publisher's clock its timestamps stand for.
    void takeReport(const SenderReport& report, MonotonicTime now);
    bool hasClock() const { return m_clock.has_value(); }
    // Moves this track's time so that it fits the other's, once both clocks are known.
    void alignWith(const ReceivedTrack& other);

    ReceiverReport makeReport(MonotonicTime now);

private:
    std::int64_t unwrapped(std::uint32_t timestamp) const
    {
        return m_lastTimestamp + static_cast<std::int32_t>(timestamp - static_cast<std::uint32_t>(m_lastTimestamp));
    }
    // Of the publisher's clock, what the stream's time 0 is in this track.
    std::optional<double> clockOfZeroMs() const;

    int m_clockRate;
    ReorderBuffer::Repair m_repair;
    int m_payloadType = -1;
    std::uint32_t m_ssrc = 0;
    ReorderBuffer m_packets;
    bool m_isStarted = false;
    std::int64_t m_lastTimestamp = 0;  // without wrap-around
    double m_offsetMs = 0;             // of the stream's time to the timestamps' time
    struct Clock
    {
        std::uint64_t ntp = 0;
        std::int64_t timestamp = 0;
        MonotonicTime at;
    };
    std::optional<Clock> m_clock;
    std::optional<SenderReport> m_earlyReport;  // before the first packet
    std::uint64_t m_reportedExpected = 0;
    std::uint64_t m_reportedReceived = 0;
};

}  // namespace headgate
