#include "core/media/flv/open_codecs.h"

#include "core/media/flv/bit_reader.h"

#include <algorithm>
#include <optional>

namespace headgate {

namespace {

// AV1, 4.10.5.
std::size_t leb128(ByteReader& reader)
{
    std::size_t value = 0;
    for (int i = 0; i < 4; ++i) {
        const std::size_t byte = reader.u8();
        value |= (byte & 0x7F) << (7 * i);
        if ((byte & 0x80) == 0)
            break;
    }
    return value;
}

// AV1, 4.10.3.
void skipUvlc(BitReader& reader)
{
    int zeros = 0;
    while (reader.ok() && !reader.flag())
        ++zeros;
    reader.skip(std::min(zeros, 32));
}

void skipTimingInfo(BitReader& reader)
{
    reader.skip(64);
    if (reader.flag())
        skipUvlc(reader);
}

// AV1, 5.5.1: everything before the frame's size.
void skipOperatingPoints(BitReader& reader)
{
    bool hasDecoderModel = false;
    int delayBits = 0;
    if (reader.flag()) {
        skipTimingInfo(reader);
        hasDecoderModel = reader.flag();
        if (hasDecoderModel) {
            delayBits = static_cast<int>(reader.bits(5)) + 1;
            reader.skip(32 + 5 + 5);
        }
    }
    const bool hasInitialDelay = reader.flag();
    const std::uint32_t points = reader.bits(5) + 1;
    for (std::uint32_t i = 0; i < points && reader.ok(); ++i) {
        reader.skip(12);
        const std::uint32_t level = reader.bits(5);
        if (level > 7)
            reader.skip(1);
        if (hasDecoderModel && reader.flag())
            reader.skip(2 * delayBits + 1);
        if (hasInitialDelay && reader.flag())
            reader.skip(4);
    }
}

PictureSize sizeOfSequenceHeader(ByteView unit)
{
    BitReader reader(unit);
    reader.skip(3 + 1);
    const bool isReduced = reader.flag();
    if (isReduced)
        reader.skip(5);
    else
        skipOperatingPoints(reader);
    const int widthBits = static_cast<int>(reader.bits(4)) + 1;
    const int heightBits = static_cast<int>(reader.bits(4)) + 1;
    const PictureSize size{static_cast<int>(reader.bits(widthBits)) + 1, static_cast<int>(reader.bits(heightBits)) + 1};
    return reader.ok() ? size : PictureSize{};
}

}  // namespace

PictureSize sizeOfAv1Units(ByteView units)
{
    constexpr std::uint32_t sequenceHeader = 1;
    ByteReader reader(units);
    while (reader.ok() && reader.remaining() > 0) {
        const std::uint32_t header = reader.u8();
        if ((header & 0x04) != 0)
            reader.u8();
        const bool hasSize = (header & 0x02) != 0;
        const std::size_t size = hasSize ? leb128(reader) : reader.remaining();
        const ByteView unit = reader.take(size);
        if (reader.ok() && ((header >> 3) & 0x0F) == sequenceHeader)
            return sizeOfSequenceHeader(unit);
    }
    return {};
}

PictureSize sizeOfVp9Frame(ByteView frame)
{
    constexpr std::uint32_t rgb = 7;
    BitReader reader(frame);
    if (reader.bits(2) != 2)
        return {};
    const std::uint32_t low = reader.bits(1);
    const std::uint32_t profile = reader.bits(1) << 1 | low;
    if (profile == 3)
        reader.skip(1);
    const bool showsOther = reader.flag();
    const bool isInterFrame = reader.flag();
    reader.skip(2);
    if (showsOther || isInterFrame || reader.bits(24) != 0x498342)
        return {};
    if (profile >= 2)
        reader.skip(1);
    const bool isRgb = reader.bits(3) == rgb;
    if (!isRgb)
        reader.skip(1);
    if (profile == 1 || profile == 3)
        reader.skip(isRgb ? 1 : 3);
    const PictureSize size{static_cast<int>(reader.bits(16)) + 1, static_cast<int>(reader.bits(16)) + 1};
    return reader.ok() ? size : PictureSize{};
}

}  // namespace headgate
