#pragma once

#include "core/media/rtp/arrival_report.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace headgate {

// What a receiver of ours tells (RFC 3550, 6.4; RFC 4585, 6; RFC 5104, 4.3.1), with the two ways in which browsers tell
// what their network carries.
struct RtcpFeedback
{
    std::uint32_t ssrc = 0;              // of what it is about
    std::vector<std::uint16_t> missing;  // sequence numbers
    bool wantsKeyFrame = false;
    bool hasReport = false;
    std::uint8_t lostOf256 = 0;           // since the last report
    std::uint32_t lastSenderReport = 0;   // the middle of its NTP time
    std::uint32_t sinceSenderReport = 0;  // in 1/65,536 s
    std::vector<PacketArrival> arrivals{};
    std::optional<std::int64_t> receiverBitrate{};  // per second, at most (draft-alvestrand-rmcat-remb-03)
};

constexpr std::size_t mostMissing = 512;  // of one compound packet

// Goes through a compound packet; what is unknown or malformed is left out.
void readRtcp(ByteView packet, const std::function<void(const RtcpFeedback&)>& use);

// The system's clock as NTP has it, 32.32 bits.
std::uint64_t ntpNow();

// NTP time as 32.32 bits.
struct SenderReport
{
    std::uint32_t ssrc = 0;
    std::uint64_t ntp = 0;
    std::uint32_t timestamp = 0;  // of the media at that instant
    std::uint32_t packets = 0;
    std::uint32_t bytes = 0;
};

// With the CNAME that a compound packet must have.
void appendSenderReport(Bytes& out, const SenderReport& report);

// What publishers tell of their clocks, out of a compound packet.
void readSenderReports(ByteView packet, const std::function<void(const SenderReport&)>& use);

// What is told to a publisher about one of its SSRCs.
struct ReceiverReport
{
    std::uint32_t ssrc = 0;
    std::uint8_t lostOf256 = 0;  // since the last report
    std::uint32_t lost = 0;      // in all, at most 2^23 - 1
    std::uint32_t highest = 0;   // sequence number, with how often it wrapped around
    std::uint32_t lastSenderReport = 0;
    std::uint32_t sinceSenderReport = 0;
};
void appendReceiverReport(Bytes& out, const ReceiverReport& report);
void appendNack(Bytes& out, std::uint32_t ssrc, const std::vector<std::uint16_t>& missing);
void appendPictureLoss(Bytes& out, std::uint32_t ssrc);
void appendReceiverBitrate(Bytes& out, std::uint32_t ssrc, std::int64_t bitsPerSecond);

void appendBye(Bytes& out, const std::vector<std::uint32_t>& ssrcs);

}  // namespace headgate
