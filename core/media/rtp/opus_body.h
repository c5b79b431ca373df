#pragma once

#include "core/media/hub/media_frame.h"

namespace headgate {

// Opus as enhanced RTMP has it: the first byte has nine and what kind of packet it is, then the FourCC.
enum class OpusPacket : std::uint8_t
{
    SequenceStart = 0x90,
    CodedFrames = 0x91
};

inline SharedFrame opusFrame(OpusPacket packet, std::uint32_t timestampMs, ByteView content)
{
    Bytes body;
    body.reserve(content.size() + 5);
    appendU8(body, static_cast<std::uint32_t>(packet));
    appendView(body, viewOf("Opus"));
    appendView(body, content);
    return std::make_shared<const MediaFrame>(FrameKind::Audio, timestampMs, std::move(body));
}

// Stereo at 48 kHz (RFC 7845, 5.1).
inline SharedFrame opusHeader(std::uint32_t timestampMs)
{
    constexpr std::string_view head("OpusHead\x01\x02\x38\x01\x80\xBB\x00\x00\x00\x00\x00", 19);
    return opusFrame(OpusPacket::SequenceStart, timestampMs, viewOf(head));
}

}  // namespace headgate
