#pragma once

#include "core/media/rtp/rtp.h"

#include <optional>

namespace headgate {

// An RTP packet (RFC 3550, 5.1) as it came, without extensions and padding.
struct ReceivedPacket
{
    RtpHeader header;
    ByteView payload;
    std::optional<std::uint16_t> transportSequence;
};

// `transportSequenceId` is what was agreed on for that extension (RFC 8285), 0 if nothing. None if it is malformed.
std::optional<ReceivedPacket> readRtp(ByteView packet, int transportSequenceId);

}  // namespace headgate
