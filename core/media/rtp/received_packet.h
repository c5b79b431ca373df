#pragma once

#include "core/media/rtp/rtp.h"

#include <optional>
#include <string_view>

namespace headgate {

// An RTP packet (RFC 3550, 5.1) as it came, without extensions and padding.
struct ReceivedPacket
{
    RtpHeader header;
    ByteView payload;
    std::optional<std::uint16_t> transportSequence;
    std::string_view rid{};          // of the layer that it belongs to (RFC 8852); empty if it does not tell
    std::string_view repairedRid{};  // the same of the layer that it repairs
};

// What was agreed on for the extensions that tell of layers; 0: nothing.
struct RidExtensions
{
    int rid = 0;
    int repairedRid = 0;

    bool operator==(const RidExtensions&) const = default;
};

// `transportSequenceId` is what was agreed on for that extension (RFC 8285), 0 if nothing. None if it is malformed.
std::optional<ReceivedPacket> readRtp(ByteView packet, int transportSequenceId, const RidExtensions& rids = {});

}  // namespace headgate
