#include "core/media/flv/flv_tag.h"

#include <algorithm>
#include <iterator>

namespace headgate {

namespace {

constexpr std::size_t fileHeaderSize = 9;

bool isKnown(std::uint32_t type)
{
    return type == 8 || type == 9 || type == 18;
}

}  // namespace

void appendFlvFileHeader(Bytes& out, FlvContent content)
{
    appendView(out, viewOf("FLV"));
    appendU8(out, 1);
    appendU8(out, static_cast<std::uint32_t>(content));
    appendU32(out, fileHeaderSize);
    appendU32(out, 0);
}

void appendFlvTag(Bytes& out, TagType type, std::uint32_t timestampMs, ByteView body)
{
    const auto bodySize = static_cast<std::uint32_t>(body.size());
    appendU8(out, static_cast<std::uint32_t>(type));
    appendU24(out, bodySize);
    appendU24(out, timestampMs);
    appendU8(out, timestampMs >> 24);
    appendU24(out, 0);
    appendView(out, body);
    appendU32(out, bodySize + static_cast<std::uint32_t>(flvTagHeaderSize));
}

Result<void> FlvReader::append(ByteView bytes)
{
    m_buffer.erase(m_buffer.begin(), std::next(m_buffer.begin(), static_cast<std::ptrdiff_t>(m_offset)));
    m_offset = 0;
    appendView(m_buffer, bytes);
    if (m_hasHeader || m_buffer.size() < fileHeaderSize + flvTagTrailerSize)
        return {};
    ByteReader reader(m_buffer);
    if (textOf(reader.take(3)) != "FLV" || reader.u8() != 1)
        return fail(ErrorCode::InvalidArgument, "This is not FLV.");
    reader.u8();
    if (reader.u32() != fileHeaderSize)
        return fail(ErrorCode::InvalidArgument, "The FLV header has an unknown size.");
    m_offset = fileHeaderSize + flvTagTrailerSize;
    m_hasHeader = true;
    return {};
}

std::optional<FlvTag> FlvReader::next()
{
    while (m_hasHeader) {
        ByteReader reader(ByteView(m_buffer).subspan(m_offset));
        const std::uint32_t type = reader.u8() & 0x1F;
        const std::uint32_t bodySize = reader.u24();
        std::uint32_t timestamp = reader.u24();
        timestamp |= reader.u8() << 24;
        reader.u24();
        const ByteView body = reader.take(bodySize);
        reader.u32();
        if (!reader.ok())
            return std::nullopt;
        m_offset += reader.position();
        if (isKnown(type))
            return FlvTag{static_cast<TagType>(type), timestamp, Bytes(body.begin(), body.end())};
    }
    return std::nullopt;
}

}  // namespace headgate
