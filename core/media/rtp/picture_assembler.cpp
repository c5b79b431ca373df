#include "core/media/rtp/picture_assembler.h"

#include <utility>

namespace headgate {

namespace {

// FLV 10.1, E.4.3, and enhanced RTMP: what is in front of a record or of units, without composition time.
Bytes bodyStart(ts::Codec codec, bool isKey, bool isHeader)
{
    constexpr std::uint8_t key = 0x10, inter = 0x20, avc = 7, enhanced = 0x80;
    const std::uint8_t kind = isKey ? key : inter;
    const std::uint8_t packet = isHeader ? 0 : 1;
    if (codec == ts::Codec::Avc)
        return {static_cast<std::uint8_t>(kind | avc), packet, 0, 0, 0};
    Bytes start{static_cast<std::uint8_t>(enhanced | kind | packet), 'h', 'v', 'c', '1'};
    if (!isHeader)
        appendU24(start, 0);
    return start;
}

}  // namespace

void PictureAssembler::takeSet(ByteView unit)
{
    constexpr std::size_t least = 2;
    const ts::NalRole role = unit.size() < least ? ts::NalRole::Other : ts::roleOf(m_codec, unit);
    if (!ts::isParameterSet(role))
        return;
    m_sets.take(role, unit);
    m_hasNewSets = true;
}

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
    addUnits(packet.payload);
    return packet.isMarked ? finish() : std::nullopt;
}

void PictureAssembler::addUnits(const Bytes& payload)
{
    const bool isAvc = m_codec == ts::Codec::Avc;
    const std::size_t headerSize = isAvc ? 1 : 2;
    if (payload.size() <= headerSize)
        return;
    const int type = isAvc ? payload[0] & 0x1F : payload[0] >> 1 & 0x3F;
    const int aggregate = isAvc ? 24 : 48;
    const int piece = isAvc ? 28 : 49;
    if (type == aggregate) {
        ByteReader reader(payload);
        reader.take(headerSize);
        while (reader.remaining() > 0)
            addUnit(reader.take(reader.u16()));
    } else if (type == piece) {
        addPiece(payload, headerSize);
    } else if (type < aggregate) {
        addUnit(payload);
    }
}

void PictureAssembler::spoil()
{
    m_isSpoilt = true;
    m_needsKeyFrame = true;
}

void PictureAssembler::addUnit(ByteView unit)
{
    if (unit.size() < 2)
        return;
    if (m_units.size() + unit.size() > largestPicture)
        return spoil();
    const ts::NalRole role = ts::roleOf(m_codec, unit);
    if (ts::isParameterSet(role))
        return takeSet(unit);
    if (role == ts::NalRole::Delimiter || role == ts::NalRole::Filler)
        return;
    m_isKey = m_isKey || role == ts::NalRole::RandomAccess;
    appendU32(m_units, static_cast<std::uint32_t>(unit.size()));
    appendView(m_units, unit);
}

void PictureAssembler::addPiece(ByteView payload, std::size_t headerSize)
{
    constexpr std::uint32_t start = 0x80;
    constexpr std::uint32_t end = 0x40;
    if (payload.size() < headerSize + 2)
        return spoil();
    const std::uint8_t flags = payload[headerSize];
    if ((flags & start) != 0) {
        if (m_codec == ts::Codec::Avc)
            m_fragments = {static_cast<std::uint8_t>((payload[0] & 0xE0) | (flags & 0x1F))};
        else
            m_fragments = {static_cast<std::uint8_t>((payload[0] & 0x81) | (flags & 0x3F) << 1), payload[1]};
    }
    if (m_fragments.empty() || m_fragments.size() + payload.size() > largestPicture)
        return spoil();
    appendView(m_fragments, payload.subspan(headerSize + 1));
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
    if (!isWhole || (m_needsKeyFrame && !isKey))
        return std::nullopt;
    if (isKey && std::exchange(m_hasNewSets, false)) {
        if (const auto record = m_sets.record()) {
            Bytes header = bodyStart(m_codec, true, true);
            appendView(header, *record);
            if (header != m_header)
                picture.header = m_header = std::move(header);
        }
    }
    if (m_header.empty())
        return std::nullopt;
    m_needsKeyFrame = false;
    picture.body = bodyStart(m_codec, isKey, false);
    appendView(picture.body, units);
    return picture;
}

}  // namespace headgate
