#include "core/media/webrtc/picture_assembler.h"

#include <utility>

namespace headgate::webrtc {

namespace {

constexpr std::uint8_t typeMask = 31;
enum Unit : std::uint8_t
{
    KeySlice = 5,
    SequenceSet = 7,
    PictureSet = 8,
    Delimiter = 9,
    StapA = 24,
    FuA = 28
};

// ISO 14496-15, 5.3.3.1, as FLV's sequence header.
Bytes headerOf(const Bytes& sequenceSet, const Bytes& pictureSet)
{
    Bytes header{0x17, 0, 0, 0, 0, 1, sequenceSet[1], sequenceSet[2], sequenceSet[3], 0xFF, 0xE1};
    appendU16(header, static_cast<std::uint32_t>(sequenceSet.size()));
    appendView(header, sequenceSet);
    header.push_back(1);
    appendU16(header, static_cast<std::uint32_t>(pictureSet.size()));
    appendView(header, pictureSet);
    return header;
}

}  // namespace

std::optional<PictureAssembler::Picture> PictureAssembler::add(const ReorderBuffer::Packet& packet)
{
    if (packet.followsGap)
        spoil();
    if (packet.timestamp != m_timestamp) {
        // The one before did not end.
        if (!m_units.empty() || !m_fragments.empty())
            m_needsKeyFrame = true;
        m_units.clear();
        m_fragments.clear();
        m_isKey = false;
        m_isSpoilt = packet.followsGap;
        m_timestamp = packet.timestamp;
    }
    if (packet.payload.empty())
        return std::nullopt;
    const auto type = static_cast<std::uint8_t>(packet.payload[0] & typeMask);
    if (type == StapA) {
        ByteReader reader(packet.payload);
        reader.u8();
        while (reader.remaining() > 0)
            addUnit(reader.take(reader.u16()));
    } else if (type == FuA) {
        addPiece(packet.payload);
    } else if (type < StapA) {
        addUnit(packet.payload);
    }
    return packet.isMarked ? finish() : std::nullopt;
}

void PictureAssembler::spoil()
{
    m_isSpoilt = true;
    m_needsKeyFrame = true;
}

void PictureAssembler::addUnit(ByteView unit)
{
    if (unit.empty())
        return;
    const auto type = static_cast<std::uint8_t>(unit[0] & typeMask);
    if (m_units.size() + unit.size() > largestPicture)
        return spoil();
    if (type == SequenceSet && unit.size() > 3 && unit.size() < 0xFFFF) {
        m_sequenceSet.assign(unit.begin(), unit.end());
    } else if (type == PictureSet && unit.size() < 0xFFFF) {
        m_pictureSet.assign(unit.begin(), unit.end());
    } else if (type < Delimiter) {
        m_isKey = m_isKey || type == KeySlice;
        appendU32(m_units, static_cast<std::uint32_t>(unit.size()));
        appendView(m_units, unit);
    }
}

void PictureAssembler::addPiece(ByteView payload)
{
    constexpr std::uint32_t start = 0x80;
    constexpr std::uint32_t end = 0x40;
    if (payload.size() < 3)
        return spoil();
    const std::uint8_t flags = payload[1];
    if ((flags & start) != 0)
        m_fragments.assign(1, static_cast<std::uint8_t>((payload[0] & ~typeMask) | (flags & typeMask)));
    if (m_fragments.empty() || m_fragments.size() + payload.size() > largestPicture)
        return spoil();
    appendView(m_fragments, payload.subspan(2));
    if ((flags & end) != 0)
        addUnit(std::exchange(m_fragments, {}));
}

std::optional<PictureAssembler::Picture> PictureAssembler::finish()
{
    Picture picture;
    picture.timestamp = m_timestamp;
    const Bytes units = std::exchange(m_units, {});
    const bool isWhole = !m_isSpoilt && m_fragments.empty() && !units.empty();
    const bool isKey = std::exchange(m_isKey, false);
    m_isSpoilt = false;
    m_fragments.clear();
    if (!isWhole || (m_needsKeyFrame && !isKey) || m_sequenceSet.empty() || m_pictureSet.empty())
        return std::nullopt;
    m_needsKeyFrame = false;
    if (isKey) {
        Bytes header = headerOf(m_sequenceSet, m_pictureSet);
        if (header != m_header)
            picture.header = m_header = std::move(header);
    }
    picture.body = {static_cast<std::uint8_t>(isKey ? 0x17 : 0x27), 1, 0, 0, 0};
    appendView(picture.body, units);
    return picture;
}

}  // namespace headgate::webrtc
