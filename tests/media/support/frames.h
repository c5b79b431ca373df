#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/rtmp/amf0.h"

#include <algorithm>

namespace headgate::tests {

inline SharedFrame makeFrame(FrameKind kind, std::uint32_t timestampMs, Bytes body)
{
    return std::make_shared<const MediaFrame>(kind, timestampMs, std::move(body));
}

// H.264 as FLV carries it: frame type and codec, packet type, composition offset, payload.
// No two key frames of a stream are the same: a child tells by them where it is.
inline SharedFrame keyFrame(std::uint32_t timestampMs, std::size_t payload = 100)
{
    Bytes body{0x17, 1, 0, 0, 0};
    body.resize(5 + payload, static_cast<std::uint8_t>(timestampMs));
    for (std::size_t i = 5; i < std::min<std::size_t>(body.size(), 9); ++i)
        body[i] = static_cast<std::uint8_t>(timestampMs >> 8 * (8 - i));
    return makeFrame(FrameKind::Video, timestampMs, std::move(body));
}

inline SharedFrame interFrame(std::uint32_t timestampMs, std::size_t payload = 50)
{
    Bytes body{0x27, 1, 0, 0, 0};
    body.resize(5 + payload, static_cast<std::uint8_t>(timestampMs));
    return makeFrame(FrameKind::Video, timestampMs, std::move(body));
}

// The configuration of 640x360 in high profile as x264 writes it.
inline SharedFrame videoHeader()
{
    return makeFrame(FrameKind::Video, 0,
                     {0x17, 0x00, 0x00, 0x00, 0x00, 0x01, 0x64, 0x00, 0x1E, 0xFF, 0xE1, 0x00, 0x1A,
                      0x67, 0x64, 0x00, 0x1E, 0xAC, 0xD9, 0x40, 0xA0, 0x2F, 0xF9, 0x70, 0x11, 0x00,
                      0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x32, 0x0F, 0x16, 0x2D, 0x96,
                      0x01, 0x00, 0x06, 0x68, 0xEB, 0xE3, 0xCB, 0x22, 0xC0, 0xFD, 0xF8, 0xF8, 0x00});
}

inline SharedFrame audioHeader()
{
    return makeFrame(FrameKind::Audio, 0, {0xAF, 0x00, 0x11, 0x90});  // AAC LC, 48 kHz, stereo
}

inline SharedFrame audioFrame(std::uint32_t timestampMs)
{
    Bytes body{0xAF, 1};
    body.resize(60, static_cast<std::uint8_t>(timestampMs));
    return makeFrame(FrameKind::Audio, timestampMs, std::move(body));
}

inline SharedFrame metadata()
{
    Bytes body;
    Amf0("onMetaData").appendTo(body);
    Amf0(Amf0::EcmaArray{{{"width", 640.0}, {"height", 360.0}}}).appendTo(body);
    return makeFrame(FrameKind::Script, 0, std::move(body));
}

}  // namespace headgate::tests
