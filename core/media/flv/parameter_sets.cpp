#include "core/media/flv/parameter_sets.h"

#include "core/media/flv/bit_reader.h"

#include <algorithm>

namespace headgate {

namespace {

bool hasChromaFormat(std::uint32_t profile)
{
    constexpr std::uint32_t profiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    return std::find(std::begin(profiles), std::end(profiles), profile) != std::end(profiles);
}

void skipScalingList(BitReader& reader, int size)
{
    std::int32_t last = 8;
    std::int32_t next = 8;
    for (int i = 0; i < size && reader.ok(); ++i) {
        if (next != 0)
            next = (last + reader.se() % 256 + 256) % 256;
        last = next == 0 ? last : next;
    }
}

void skipScalingMatrices(BitReader& reader, std::uint32_t chromaFormat)
{
    if (reader.bits(1) == 0)
        return;
    const int lists = chromaFormat == 3 ? 12 : 8;
    for (int i = 0; i < lists && reader.ok(); ++i) {
        if (reader.bits(1) == 1)
            skipScalingList(reader, i < 6 ? 16 : 64);
    }
}

// Returns chroma_format_idc, 1 where the profile does not tell.
std::uint32_t readAvcProfile(BitReader& reader)
{
    reader.skip(8);
    const std::uint32_t profile = reader.bits(8);
    reader.skip(16);
    reader.ue();
    if (!hasChromaFormat(profile))
        return 1;
    const std::uint32_t chromaFormat = reader.ue();
    if (chromaFormat == 3)
        reader.skip(1);
    reader.ue();
    reader.ue();
    reader.skip(1);
    skipScalingMatrices(reader, chromaFormat);
    return chromaFormat;
}

void skipPictureOrder(BitReader& reader)
{
    const std::uint32_t type = reader.ue();
    if (type == 0) {
        reader.ue();
    } else if (type == 1) {
        reader.skip(1);
        reader.se();
        reader.se();
        const std::uint32_t cycle = reader.ue();
        for (std::uint32_t i = 0; i < cycle && reader.ok(); ++i)
            reader.se();
    }
}

PictureSize checkedSize(std::int64_t width, std::int64_t height)
{
    constexpr std::int64_t largest = 65'536;
    if (width <= 0 || height <= 0 || width > largest || height > largest)
        return {};
    return {static_cast<int>(width), static_cast<int>(height)};
}

struct SequenceFacts
{
    PictureSize size;
    std::optional<int> reorderDepth;
};

std::optional<int> checkedDepth(const BitReader& reader, std::uint32_t depth)
{
    constexpr std::uint32_t most = 16;
    return reader.ok() && depth <= most ? std::optional(static_cast<int>(depth)) : std::nullopt;
}

// H.264, E.1.2.
void skipBufferParameters(BitReader& reader)
{
    const std::uint32_t count = reader.ue() + 1;
    reader.skip(4 + 4);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        reader.ue();
        reader.ue();
        reader.skip(1);
    }
    reader.skip(4 * 5);
}

// H.264, E.1.1: max_num_reorder_frames.
std::optional<int> readAvcReorderDepth(BitReader& reader)
{
    constexpr std::uint32_t extendedRatio = 255;
    if (!reader.flag())
        return std::nullopt;
    if (reader.flag() && reader.bits(8) == extendedRatio)
        reader.skip(32);
    if (reader.flag())
        reader.skip(1);
    if (reader.flag()) {
        reader.skip(4);
        if (reader.flag())
            reader.skip(24);
    }
    if (reader.flag()) {
        reader.ue();
        reader.ue();
    }
    if (reader.flag())
        reader.skip(65);
    bool hasBuffer = false;
    for (int kind = 0; kind < 2; ++kind) {
        if (!reader.flag())
            continue;
        hasBuffer = true;
        skipBufferParameters(reader);
    }
    reader.skip(hasBuffer ? 2 : 1);
    if (!reader.flag())
        return std::nullopt;
    reader.skip(1);
    for (int i = 0; i < 4; ++i)
        reader.ue();
    return checkedDepth(reader, reader.ue());
}

// H.264, 7.3.2.1.1.
SequenceFacts readAvcParameterSet(ByteView nalUnit)
{
    constexpr std::uint32_t baseline = 66;
    const Bytes bytes = withoutEmulationPrevention(nalUnit);
    BitReader reader(bytes);
    const bool isBaseline = bytes.size() > 1 && bytes[1] == baseline;
    const std::uint32_t chromaFormat = readAvcProfile(reader);
    reader.ue();
    skipPictureOrder(reader);
    reader.ue();
    reader.skip(1);
    const std::int64_t widthInBlocks = std::int64_t{reader.ue()} + 1;
    const std::int64_t heightInUnits = std::int64_t{reader.ue()} + 1;
    const std::int64_t fields = 2 - std::int64_t{reader.bits(1)};
    if (fields == 2)
        reader.skip(1);
    reader.skip(1);
    std::int64_t width = widthInBlocks * 16;
    std::int64_t height = heightInUnits * 16 * fields;
    if (reader.bits(1) == 1) {
        const std::int64_t unitX = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1;
        const std::int64_t unitY = (chromaFormat == 1 ? 2 : 1) * fields;
        const std::int64_t left = reader.ue();
        width -= unitX * (left + reader.ue());
        const std::int64_t top = reader.ue();
        height -= unitY * (top + reader.ue());
    }
    SequenceFacts facts;
    facts.size = reader.ok() ? checkedSize(width, height) : PictureSize{};
    facts.reorderDepth = isBaseline ? std::optional(0) : readAvcReorderDepth(reader);
    return facts;
}

// H.265, 7.3.3 for the sub-layers' part of profile_tier_level.
void skipSubLayers(BitReader& reader, std::uint32_t count)
{
    bool hasProfile[8] = {};
    bool hasLevel[8] = {};
    for (std::uint32_t i = 0; i < count; ++i) {
        hasProfile[i] = reader.bits(1) == 1;
        hasLevel[i] = reader.bits(1) == 1;
    }
    if (count > 0)
        reader.skip(static_cast<int>(8 - count) * 2);
    for (std::uint32_t i = 0; i < count; ++i)
        reader.skip((hasProfile[i] ? 88 : 0) + (hasLevel[i] ? 8 : 0));
}

// H.265, 7.3.2.2.1.
SequenceFacts readHevcParameterSet(ByteView nalUnit)
{
    constexpr int generalProfileBits = 88 + 8;
    const Bytes bytes = withoutEmulationPrevention(nalUnit);
    BitReader reader(bytes);
    reader.skip(16 + 4);
    const std::uint32_t subLayers = reader.bits(3);
    reader.skip(1 + generalProfileBits);
    skipSubLayers(reader, subLayers);
    reader.ue();
    const std::uint32_t chromaFormat = reader.ue();
    if (chromaFormat == 3)
        reader.skip(1);
    std::int64_t width = reader.ue();
    std::int64_t height = reader.ue();
    if (reader.bits(1) == 1) {
        const std::int64_t unitX = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1;
        const std::int64_t unitY = chromaFormat == 1 ? 2 : 1;
        const std::int64_t left = reader.ue();
        width -= unitX * (left + reader.ue());
        const std::int64_t top = reader.ue();
        height -= unitY * (top + reader.ue());
    }
    SequenceFacts facts;
    facts.size = reader.ok() ? checkedSize(width, height) : PictureSize{};
    for (int i = 0; i < 3; ++i)
        reader.ue();
    // The highest sub-layer is the last one that is told.
    std::uint32_t depth = 0;
    for (std::uint32_t i = reader.flag() ? 0u : subLayers; i <= subLayers; ++i) {
        reader.ue();
        depth = reader.ue();
        reader.ue();
    }
    facts.reorderDepth = checkedDepth(reader, depth);
    return facts;
}

SequenceFacts factsOfAvcRecord(ByteView record)
{
    ByteReader reader(record);
    reader.take(5);
    const std::uint32_t count = reader.u8() & 0x1F;
    const ByteView parameterSet = reader.take(reader.u16());
    return reader.ok() && count > 0 ? readAvcParameterSet(parameterSet) : SequenceFacts{};
}

SequenceFacts factsOfHevcRecord(ByteView record)
{
    constexpr std::uint32_t sequenceParameterSet = 33;
    ByteReader reader(record);
    reader.take(22);
    const std::uint32_t arrays = reader.u8();
    for (std::uint32_t i = 0; i < arrays && reader.ok(); ++i) {
        const std::uint32_t type = reader.u8() & 0x3F;
        const std::uint32_t count = reader.u16();
        for (std::uint32_t unit = 0; unit < count && reader.ok(); ++unit) {
            const ByteView nalUnit = reader.take(reader.u16());
            if (type == sequenceParameterSet && reader.ok())
                return readHevcParameterSet(nalUnit);
        }
    }
    return {};
}

}  // namespace

PictureSize pictureSizeOfAvcRecord(ByteView record)
{
    return factsOfAvcRecord(record).size;
}

PictureSize pictureSizeOfHevcRecord(ByteView record)
{
    return factsOfHevcRecord(record).size;
}

std::optional<int> reorderDepthOfAvcRecord(ByteView record)
{
    return factsOfAvcRecord(record).reorderDepth;
}

std::optional<int> reorderDepthOfHevcRecord(ByteView record)
{
    return factsOfHevcRecord(record).reorderDepth;
}

}  // namespace headgate
