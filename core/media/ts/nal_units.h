#pragma once

#include "core/media/ts/transport.h"

#include <array>
#include <functional>
#include <map>
#include <optional>

// Pictures as transport streams have them, units after start codes (H.264 and H.265, annex B), and as FLV has them,
// units after their lengths beside a decoder configuration record (ISO 14496-15).
namespace headgate::ts {

using NalUse = std::function<void(ByteView unit)>;

// Each unit that is not empty.
void forEachNalUnit(ByteView annexB, const NalUse& use);

// Units after lengths of so many bytes; ends where one is cut off.
void forEachSizedUnit(ByteView bytes, std::size_t lengthSize, const NalUse& use);

void appendStartCode(Bytes& out);

// What a unit is for.
enum class NalRole
{
    Picture,
    RandomAccess,  // a picture at which one may begin
    VideoSet,      // parameter sets, in the order in which decoders get them
    SequenceSet,
    PictureSet,
    Delimiter,
    Filler,
    Other
};
NalRole roleOf(Codec codec, ByteView unit);
constexpr bool isParameterSet(NalRole role)
{
    return role == NalRole::VideoSet || role == NalRole::SequenceSet || role == NalRole::PictureSet;
}

// The parameter sets of a track as they come, and the record that they make.
class ParameterSets
{
public:
    explicit ParameterSets(Codec codec) : m_codec(codec) {}

    // Takes the place of the set with its number.
    void take(NalRole role, ByteView unit);

    // None while one is missing or the sequence's cannot be read.
    std::optional<Bytes> record() const;

private:
    using Sets = std::map<std::uint32_t, Bytes>;  // by number
    const Sets& sets(NalRole role) const { return m_sets[static_cast<std::size_t>(role)]; }

    Codec m_codec;
    std::array<Sets, static_cast<std::size_t>(NalRole::PictureSet) + 1> m_sets;
};

// What a record says: the sets after start codes, and the size of the lengths.
struct RecordContent
{
    Bytes sets;
    std::size_t lengthSize = 4;
};
std::optional<RecordContent> contentOfRecord(Codec codec, ByteView record);

}  // namespace headgate::ts
