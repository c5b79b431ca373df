#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/net/bytes.h"

#include <cstdint>
#include <optional>
#include <span>

namespace headgate {

constexpr std::size_t rtpHeaderSize = 12;
constexpr int videoClockRate = 90'000;
constexpr int audioClockRate = 48'000;

// The largest payload of a packet that passes everywhere, with its headers and SRTP.
constexpr std::size_t largestPayload = 1160;

struct RtpHeader
{
    bool isMarked = false;
    std::uint8_t payloadType = 0;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;

    bool operator==(const RtpHeader&) const = default;
};

// Twelve bytes (RFC 3550, 5.1).
void writeRtpHeader(std::span<std::uint8_t> room, const RtpHeader& header);

// A frame's payloads as a row of (size in two bytes, payload), ready to be put behind RTP headers; empty for what is
// neither H.264 or H.265 with lengths of four bytes nor an OpenCodec, AAC or Opus. Of H.264 by RFC 6184 in
// packetization mode 1, of H.265 by RFC 7798, where a sequence header gives its parameter sets; of AAC by RFC 3640 as
// AAC-hbr, of Opus by RFC 7587. For MediaFrame::encoded(WireForm::RtpPayloads).
Bytes rtpPayloadsOf(const MediaFrame& frame);

// The payload that begins there, and the place of the next one.
struct PayloadAt
{
    ByteView payload;
    std::size_t next = 0;
};
inline PayloadAt payloadAt(ByteView payloads, std::size_t offset)
{
    const std::size_t size = std::size_t{payloads[offset]} << 8 | payloads[offset + 1];
    return {payloads.subspan(offset + 2, size), offset + 2 + size};
}

}  // namespace headgate
