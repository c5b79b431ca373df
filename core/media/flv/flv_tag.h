#pragma once

#include "core/base/result.h"
#include "core/media/net/bytes.h"

#include <cstdint>
#include <optional>

namespace headgate {

// The numbers that FLV and RTMP share (Adobe FLV 10.1, E.4.1; RTMP 1.0, 7.1).
enum class TagType : std::uint8_t
{
    Audio = 8,
    Video = 9,
    Script = 18
};

struct FlvTag
{
    TagType type = TagType::Script;
    std::uint32_t timestampMs = 0;
    Bytes body;

    bool operator==(const FlvTag&) const = default;
};

constexpr std::size_t flvTagHeaderSize = 11;
constexpr std::size_t flvTagTrailerSize = 4;

enum class FlvContent : std::uint8_t
{
    Video = 1,
    Audio = 4,
    Both = 5
};

// The file header with what it announces, and the zero that stands for the size of the tag before the first.
void appendFlvFileHeader(Bytes& out, FlvContent content = FlvContent::Both);

// Tag header, body, size of both.
void appendFlvTag(Bytes& out, TagType type, std::uint32_t timestampMs, ByteView body);

// Cuts tags out of a byte stream. Tags of unknown type are left out.
class FlvReader
{
public:
    // InvalidArgument on what is no FLV; the reader is then useless.
    Result<void> append(ByteView bytes);

    // The next whole tag, none if more bytes are needed.
    std::optional<FlvTag> next();

private:
    Bytes m_buffer;
    std::size_t m_offset = 0;
    bool m_hasHeader = false;
};

}  // namespace headgate
