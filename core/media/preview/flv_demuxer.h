#pragma once

#include "core/media/flv/flv_tag.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace headgate {

// What a decoder gets: a coded frame, or the configuration for those that follow.
struct CodedPacket
{
    enum class Kind
    {
        Video,
        Audio
    };
    Kind kind = Kind::Video;
    std::string_view codec;  // as describeVideoBody() names them; empty if unknown
    bool isConfiguration = false;
    bool isKeyFrame = false;  // of the video
    std::chrono::milliseconds decodingTime{0};
    std::chrono::milliseconds presentationTime{0};
    Bytes bytes;  // not empty, without FLV's headers
};

// Makes packets of the bodies of FLV tags: classic ones and those of enhanced RTMP v1 and v2, of several tracks the one
// with number 0. Times go on where FLV's 32 bits wrap around.
class TagPackets
{
public:
    // None if it is not media.
    std::optional<CodedPacket> take(TagType type, std::uint32_t timestampMs, ByteView body);

private:
    std::chrono::milliseconds timeOf(std::uint32_t timestampMs);

    std::optional<std::uint32_t> m_lastTimestampMs;
    std::chrono::milliseconds m_lastTime{0};
};

// Takes a live FLV stream apart. Nothing is looked at in advance.
class FlvDemuxer
{
public:
    // InvalidArgument on what is no FLV; the demuxer is then useless.
    Result<void> append(ByteView bytes) { return m_reader.append(bytes); }

    // The next packet, none if more bytes are needed.
    std::optional<CodedPacket> next();

private:
    FlvReader m_reader;
    TagPackets m_packets;
};

}  // namespace headgate
