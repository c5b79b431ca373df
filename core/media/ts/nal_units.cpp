#include "core/media/ts/nal_units.h"

#include "core/media/flv/bit_reader.h"

#include <algorithm>

namespace headgate::ts {

namespace {

// Sets of each kind: more than any encoder has, and few enough to keep.
constexpr std::size_t mostSets = 32;
constexpr std::size_t largestSet = 0xFFFF;

// Where three bytes 0 0 1 begin, or the end.
std::size_t findStartCode(ByteView bytes, std::size_t from)
{
    while (from + 3 <= bytes.size()) {
        if (bytes[from + 2] > 1)
            from += 3;
        else if (bytes[from] == 0 && bytes[from + 1] == 0 && bytes[from + 2] == 1)
            return from;
        else
            ++from;
    }
    return bytes.size();
}

NalRole avcRole(std::uint32_t type)
{
    switch (type) {
    case 1:
    case 2:
    case 3:
    case 4:
        return NalRole::Picture;
    case 5:
        return NalRole::RandomAccess;
    case 7:
        return NalRole::SequenceSet;
    case 8:
        return NalRole::PictureSet;
    case 9:
        return NalRole::Delimiter;
    case 12:
        return NalRole::Filler;
    default:
        return NalRole::Other;
    }
}

NalRole hevcRole(std::uint32_t type)
{
    switch (type) {
    case 32:
        return NalRole::VideoSet;
    case 33:
        return NalRole::SequenceSet;
    case 34:
        return NalRole::PictureSet;
    case 35:
        return NalRole::Delimiter;
    case 38:
        return NalRole::Filler;
    default:
        if (type >= 16 && type <= 23)
            return NalRole::RandomAccess;
        return type < 32 ? NalRole::Picture : NalRole::Other;
    }
}

// H.264, 7.3.2.1.1 and 7.3.2.2; H.265, 7.3.2. Of an HEVC sequence there is one.
std::uint32_t numberOf(Codec codec, NalRole role, const Bytes& plain)
{
    BitReader reader(plain);
    if (codec == Codec::Avc) {
        reader.skip(role == NalRole::SequenceSet ? 32 : 8);
        return reader.ue();
    }
    reader.skip(16);
    if (role == NalRole::VideoSet)
        return reader.bits(4);
    return role == NalRole::PictureSet ? reader.ue() : 0;
}

void appendSets(Bytes& out, const std::map<std::uint32_t, Bytes>& sets)
{
    for (const auto& [number, set] : sets) {
        appendU16(out, static_cast<std::uint32_t>(set.size()));
        appendView(out, set);
    }
}

struct Depth
{
    std::uint32_t chroma = 1;
    std::uint32_t luma = 0;
    std::uint32_t chromaDepth = 0;
};

bool hasDepth(std::uint32_t profile)
{
    return profile == 100 || profile == 110 || profile == 122 || profile == 144;
}

Depth depthOfAvc(const Bytes& plain)
{
    BitReader reader(plain);
    reader.skip(32);
    reader.ue();
    Depth depth;
    depth.chroma = reader.ue();
    if (depth.chroma == 3)
        reader.skip(1);
    depth.luma = reader.ue();
    depth.chromaDepth = reader.ue();
    return depth;
}

// H.265, 7.3.2.2 and 7.3.3.
Depth depthOfHevc(const Bytes& plain)
{
    BitReader reader(plain);
    reader.skip(16 + 4);
    const std::uint32_t layers = reader.bits(3);
    reader.skip(1 + 96);
    std::array<std::uint32_t, 8> present{};
    for (std::uint32_t i = 0; layers > 0 && i < present.size(); ++i)
        present[i] = reader.bits(2);
    for (const std::uint32_t each : present)
        reader.skip(((each & 2) != 0 ? 88 : 0) + ((each & 1) != 0 ? 8 : 0));
    reader.ue();
    Depth depth;
    depth.chroma = reader.ue();
    if (depth.chroma == 3)
        reader.skip(1);
    reader.ue();
    reader.ue();
    if (reader.flag()) {
        for (int i = 0; i < 4; ++i)
            reader.ue();
    }
    depth.luma = reader.ue();
    depth.chromaDepth = reader.ue();
    return depth;
}

// ISO 14496-15, 5.3.3.1.
Bytes avcRecord(const std::map<std::uint32_t, Bytes>& sequences, const std::map<std::uint32_t, Bytes>& pictures)
{
    const Bytes& first = sequences.begin()->second;
    Bytes record{1, first[1], first[2], first[3], 0xFF};
    appendU8(record, 0xE0 | static_cast<std::uint32_t>(sequences.size()));
    appendSets(record, sequences);
    appendU8(record, static_cast<std::uint32_t>(pictures.size()));
    appendSets(record, pictures);
    if (hasDepth(first[1])) {
        const Depth depth = depthOfAvc(withoutEmulationPrevention(first));
        appendU8(record, 0xFC | (depth.chroma & 3));
        appendU8(record, 0xF8 | (depth.luma & 7));
        appendU8(record, 0xF8 | (depth.chromaDepth & 7));
        appendU8(record, 0);
    }
    return record;
}

void readSets(ByteReader& reader, std::uint32_t count, Bytes& out)
{
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        const ByteView set = reader.take(reader.u16());
        if (!reader.ok() || set.empty())
            return;
        appendStartCode(out);
        appendView(out, set);
    }
}

}  // namespace

void forEachNalUnit(ByteView annexB, const NalUse& use)
{
    constexpr std::size_t codeSize = 3;
    std::size_t code = findStartCode(annexB, 0);
    while (code < annexB.size()) {
        const std::size_t begin = code + codeSize;
        code = findStartCode(annexB, begin);
        std::size_t end = code;
        // The zero of a longer start code, and those that may follow a unit.
        while (end > begin && annexB[end - 1] == 0)
            --end;
        if (end > begin)
            use(annexB.subspan(begin, end - begin));
    }
}

void forEachSizedUnit(ByteView bytes, std::size_t lengthSize, const NalUse& use)
{
    ByteReader reader(bytes);
    while (reader.remaining() >= lengthSize) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < lengthSize; ++i)
            length = length << 8 | reader.u8();
        const ByteView unit = reader.take(length);
        if (!reader.ok())
            return;
        if (!unit.empty())
            use(unit);
    }
}

void appendStartCode(Bytes& out)
{
    appendU32(out, 1);
}

NalRole roleOf(Codec codec, ByteView unit)
{
    return codec == Codec::Avc ? avcRole(unit[0] & 0x1Fu) : hevcRole(unit[0] >> 1 & 0x3Fu);
}

void ParameterSets::take(NalRole role, ByteView unit)
{
    Sets& sets = m_sets[static_cast<std::size_t>(role)];
    const std::uint32_t number = numberOf(m_codec, role, withoutEmulationPrevention(unit));
    if (unit.size() <= largestSet && (sets.size() < mostSets - 1 || sets.contains(number)))
        sets[number].assign(unit.begin(), unit.end());
}

std::optional<Bytes> ParameterSets::record() const
{
    constexpr std::size_t leastAvc = 4;
    constexpr std::size_t leastHevc = 16;
    const Sets& sequences = sets(NalRole::SequenceSet);
    const Sets& pictures = sets(NalRole::PictureSet);
    if (sequences.empty() || pictures.empty())
        return std::nullopt;
    if (m_codec == Codec::Avc)
        return sequences.begin()->second.size() < leastAvc ? std::nullopt
                                                           : std::optional(avcRecord(sequences, pictures));
    const Sets& videos = sets(NalRole::VideoSet);
    const Bytes plain = withoutEmulationPrevention(sequences.begin()->second);
    if (videos.empty() || plain.size() < leastHevc)
        return std::nullopt;
    // ISO 14496-15, 8.3.3.1: what the sequence says of profile and level stands there as it is.
    const Depth depth = depthOfHevc(plain);
    Bytes record{1};
    appendView(record, ByteView(plain).subspan(3, 12));
    appendU16(record, 0xF000);
    appendU8(record, 0xFC);
    appendU8(record, 0xFC | (depth.chroma & 3));
    appendU8(record, 0xF8 | (depth.luma & 7));
    appendU8(record, 0xF8 | (depth.chromaDepth & 7));
    appendU16(record, 0);
    const std::uint32_t layers = (plain[2] >> 1 & 7u) + 1;
    const std::uint32_t isNested = plain[2] & 1u;
    appendU8(record, layers << 3 | isNested << 2 | 3);
    appendU8(record, 3);
    constexpr std::uint32_t firstSetType = 32;
    for (const NalRole role : {NalRole::VideoSet, NalRole::SequenceSet, NalRole::PictureSet}) {
        const auto index = static_cast<std::uint32_t>(role) - static_cast<std::uint32_t>(NalRole::VideoSet);
        appendU8(record, 0x80 | (firstSetType + index));
        appendU16(record, static_cast<std::uint32_t>(sets(role).size()));
        appendSets(record, sets(role));
    }
    return record;
}

std::optional<RecordContent> contentOfRecord(Codec codec, ByteView record)
{
    ByteReader reader(record);
    RecordContent content;
    if (codec == Codec::Avc) {
        reader.take(4);
        content.lengthSize = (reader.u8() & 3) + 1;
        readSets(reader, reader.u8() & 0x1F, content.sets);
        readSets(reader, reader.u8(), content.sets);
    } else {
        reader.take(21);
        content.lengthSize = (reader.u8() & 3) + 1;
        const std::uint32_t kinds = reader.u8();
        for (std::uint32_t i = 0; i < kinds && reader.ok(); ++i) {
            reader.u8();
            readSets(reader, reader.u16(), content.sets);
        }
    }
    return reader.ok() && !content.sets.empty() ? std::optional(std::move(content)) : std::nullopt;
}

}  // namespace headgate::ts
