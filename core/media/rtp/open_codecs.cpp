#include "core/media/rtp/open_codecs.h"

#include <algorithm>
#include <array>
#include <utility>

namespace headgate {

namespace {

void appendPayload(Bytes& out, std::uint32_t descriptor, ByteView piece)
{
    appendU16(out, static_cast<std::uint32_t>(piece.size() + 1));
    appendU8(out, descriptor);
    appendView(out, piece);
}

// In pieces of about equal size behind a descriptor of one byte, which has `first` and `last` where they are.
void appendPieces(Bytes& out, ByteView frame, std::uint32_t every, std::uint32_t first, std::uint32_t later,
                  std::uint32_t last)
{
    constexpr std::size_t largestPiece = largestPayload - 1;
    const std::size_t count = (frame.size() + largestPiece - 1) / largestPiece;
    const std::size_t size = count == 0 ? 0 : (frame.size() + count - 1) / count;
    for (bool isFirst = true; !frame.empty(); isFirst = false) {
        const ByteView piece = frame.first(std::min(size, frame.size()));
        frame = frame.subspan(piece.size());
        appendPayload(out, every | (isFirst ? first : later) | (frame.empty() ? last : 0), piece);
    }
}

// RFC 6386, 9.1.
bool isVp8Key(ByteView frame)
{
    return !frame.empty() && (frame[0] & 1) == 0;
}

void appendVp8(Bytes& out, ByteView frame)
{
    constexpr std::uint32_t start = 0x10;
    appendPieces(out, frame, 0, start, 0, 0);
}

// VP9 bitstream, 6.2: marker, profile, and behind them whether it shows another frame again.
int vp9ProfileOfFrame(ByteView frame)
{
    return frame.empty() ? 0 : (frame[0] >> 5 & 1) | (frame[0] >> 4 & 1) << 1;
}

bool isVp9Key(ByteView frame)
{
    if (frame.empty() || frame[0] >> 6 != 2)
        return false;
    const int at = vp9ProfileOfFrame(frame) == 3 ? 2 : 3;  // of show_existing_frame, from the lowest bit
    return (frame[0] >> at & 1) == 0 && (frame[0] >> (at - 1) & 1) == 0;
}

void appendVp9(Bytes& out, ByteView frame)
{
    constexpr std::uint32_t predicted = 0x40;
    constexpr std::uint32_t start = 0x08;
    constexpr std::uint32_t end = 0x04;
    appendPieces(out, frame, isVp9Key(frame) ? 0 : predicted, start, 0, end);
}

// VP codecs in ISO base media, for eight bits and 4:2:0.
Bytes vpRecord(int profile)
{
    return {static_cast<std::uint8_t>(profile), 0, 0x82, 2, 2, 2, 0, 0};
}

// Some senders keep version and flags of the box in front.
int vpProfileOf(ByteView record)
{
    constexpr std::size_t boxedSize = 12;
    const std::size_t at = record.size() >= boxedSize ? 4 : 0;
    return record.size() > at ? record[at] : 0;
}

enum Av1Unit : std::uint32_t
{
    SequenceHeader = 1,
    TemporalDelimiter = 2,
    TileList = 8,
    Padding = 15
};

std::uint32_t unitType(ByteView unit)
{
    return unit[0] >> 3 & 15u;
}

std::size_t takeLeb128(ByteReader& reader)
{
    std::size_t value = 0;
    for (unsigned i = 0; i < 5; ++i) {
        const std::uint32_t byte = reader.u8();
        value |= std::size_t{byte & 0x7F} << (7 * i);
        if ((byte & 0x80) == 0)
            break;
    }
    return value;
}

void appendLeb128(Bytes& out, std::size_t value)
{
    for (; value >= 0x80; value >>= 7)
        appendU8(out, static_cast<std::uint32_t>(value & 0x7F) | 0x80);
    appendU8(out, static_cast<std::uint32_t>(value));
}

constexpr std::uint8_t hasSize = 0x02;
constexpr std::uint8_t hasExtension = 0x04;

// A unit of the low-overhead format: its header, and what follows its size.
struct Unit
{
    Bytes header;
    ByteView content;
};

// None at the end, or where it is malformed.
std::optional<Unit> takeUnit(ByteReader& reader)
{
    const std::uint32_t first = reader.u8();
    Unit unit{{static_cast<std::uint8_t>(first & ~std::uint32_t{hasSize})}, {}};
    if ((first & hasExtension) != 0)
        appendU8(unit.header, reader.u8());
    unit.content = reader.take((first & hasSize) != 0 ? takeLeb128(reader) : reader.remaining());
    return reader.ok() ? std::optional(std::move(unit)) : std::nullopt;
}

// A key frame stands behind a sequence header (AV1 bitstream, 7.5); encoders send one with each and with no other.
bool isAv1Key(ByteView frame)
{
    ByteReader reader(frame);
    while (const auto unit = reader.remaining() > 0 ? takeUnit(reader) : std::nullopt) {
        if (unitType(unit->header) == SequenceHeader)
            return true;
    }
    return false;
}

// Units in packets of about equal size, each behind its size, so that one that goes on in the next packet holds a
// picture together: browsers take what begins and ends with whole units for a picture.
class Av1Packets
{
public:
    Av1Packets(Bytes& out, std::size_t total, bool isKey) : m_out(out), m_head(isKey ? newSequence : 0)
    {
        constexpr std::size_t usable = largestPayload - spare;
        const std::size_t count = std::max<std::size_t>(1, (total + usable - 1) / usable);
        m_largest = std::min(total / count + spare, largestPayload);
    }

    void add(ByteView unit)
    {
        for (bool goesOn = false; !unit.empty(); goesOn = true) {
            if (m_packet.size() + leastElement > m_largest)
                flush(goesOn);
            const ByteView piece = unit.first(std::min(unit.size(), m_largest - m_packet.size() - sizeBytes));
            appendLeb128(m_packet, piece.size());
            appendView(m_packet, piece);
            unit = unit.subspan(piece.size());
            if (!unit.empty())
                flush(true);
        }
    }

    void flush(bool isContinued)
    {
        if (m_packet.size() <= 1)
            return;
        m_packet[0] = static_cast<std::uint8_t>(m_head | (isContinued ? 0x40u : 0u));
        appendU16(m_out, static_cast<std::uint32_t>(m_packet.size()));
        appendView(m_out, m_packet);
        m_packet.assign(1, 0);
        m_head = isContinued ? 0x80 : 0;
    }

private:
    static constexpr std::uint32_t newSequence = 0x08;
    static constexpr std::size_t sizeBytes = 2;
    static constexpr std::size_t leastElement = sizeBytes + 2;
    static constexpr std::size_t spare = 16;

    Bytes& m_out;
    std::uint32_t m_head;  // of the aggregation header, but for whether its last element goes on
    std::size_t m_largest = 0;
    Bytes m_packet = Bytes(1);
};

void appendAv1(Bytes& out, ByteView frame)
{
    Av1Packets packets(out, frame.size(), isAv1Key(frame));
    ByteReader reader(frame);
    while (const auto unit = reader.remaining() > 0 ? takeUnit(reader) : std::nullopt) {
        const std::uint32_t type = unitType(unit->header);
        if (type == TemporalDelimiter || type == TileList || type == Padding)
            continue;
        Bytes whole = unit->header;
        appendView(whole, unit->content);
        packets.add(whole);
    }
    packets.flush(false);
}

// AV1 in ISO base media, 2.3.3, for eight bits and 4:2:0, with the sequence header of the frame.
Bytes av1Record(ByteView frame)
{
    Bytes record{0x81, 0, 0x0C, 0};
    ByteReader reader(frame);
    while (const auto unit = reader.remaining() > 0 ? takeUnit(reader) : std::nullopt) {
        if (unitType(unit->header) != SequenceHeader || unit->content.size() < 4)
            continue;
        // Profile; behind it, without timing information, the level follows 20 bits on.
        const ByteView c = unit->content;
        const bool isReduced = (c[0] & 0x08) != 0;
        const bool hasTiming = !isReduced && (c[0] & 0x04) != 0;
        const std::uint32_t bits = static_cast<std::uint32_t>(c[0]) << 24 | static_cast<std::uint32_t>(c[1]) << 16 |
                                   static_cast<std::uint32_t>(c[2]) << 8 | c[3];
        const std::uint32_t level = isReduced ? bits >> 22 & 31 : hasTiming ? 0 : bits >> 3 & 31;
        record[1] = static_cast<std::uint8_t>((c[0] & 0xE0u) | level);
        Bytes header = unit->header;
        header[0] |= hasSize;
        appendView(record, header);
        appendLeb128(record, c.size());
        appendView(record, c);
        break;
    }
    return record;
}

constexpr std::array<OpenCodec, 3> codecs{{
    {"VP8", "vp8", "vp08", &isVp8Key, [](ByteView) { return vpRecord(0); }, [](ByteView) { return 0; }, &appendVp8},
    {"VP9", "vp9", "vp09", &isVp9Key, [](ByteView frame) { return vpRecord(vp9ProfileOfFrame(frame)); }, &vpProfileOf,
     &appendVp9},
    {"AV1", "av1", "av01", &isAv1Key, &av1Record,
     [](ByteView record) { return record.size() > 1 ? record[1] >> 5 : 0; }, &appendAv1},
}};

}  // namespace

const OpenCodec* openCodecOf(std::string_view name)
{
    const auto found =
        std::ranges::find_if(codecs, [name](const OpenCodec& c) { return c.name == name || c.rtpName == name; });
    return found == codecs.end() ? nullptr : &*found;
}

std::optional<PictureAssembler::Picture> OpenPictureAssembler::add(const ReorderBuffer::Packet& packet)
{
    const bool isAnother = !m_isBegun || packet.timestamp != m_timestamp;
    if (packet.followsGap || (isAnother && m_isBegun))
        m_needsKeyFrame = true;
    if (isAnother) {
        m_isSpoilt = false;
        m_frame.clear();
        m_unit.clear();
    } else if (packet.followsGap) {
        m_isSpoilt = true;
    }
    m_isBegun = true;
    m_timestamp = packet.timestamp;
    if (packet.payload.empty())
        return std::nullopt;
    const ByteReader reader(packet.payload);
    const bool isRead = m_codec.rtpName == "vp8"   ? addVp8(reader)
                        : m_codec.rtpName == "vp9" ? addVp9(reader)
                                                   : addAv1(reader);
    if (!isRead || m_frame.size() > PictureAssembler::largestPicture)
        m_isSpoilt = true;
    return packet.isMarked ? finish() : std::nullopt;
}

bool OpenPictureAssembler::addVp8(ByteReader reader)
{
    const std::uint32_t first = reader.u8();
    const bool isStart = (first & 0x1F) == 0x10;
    if ((first & 0x80) != 0) {
        const std::uint32_t fields = reader.u8();
        if ((fields & 0x80) != 0 && (reader.u8() & 0x80) != 0)
            reader.u8();
        reader.take((fields & 0x40) != 0 ? 1 : 0);
        reader.take((fields & 0x30) != 0 ? 1 : 0);
    }
    if (m_frame.empty() && !isStart)
        return false;
    appendView(m_frame, reader.take(reader.remaining()));
    return reader.ok();
}

bool OpenPictureAssembler::addVp9(ByteReader reader)
{
    const std::uint32_t first = reader.u8();
    const bool isFlexible = (first & 0x10) != 0;
    if ((first & 0x80) != 0 && (reader.u8() & 0x80) != 0)
        reader.u8();
    std::uint32_t layer = 0;
    if ((first & 0x20) != 0) {
        layer = reader.u8() >> 1 & 7;
        reader.take(isFlexible ? 0 : 1);
    }
    for (int i = 0; isFlexible && (first & 0x40) != 0 && i < 3 && (reader.u8() & 1) != 0; ++i) {
    }
    if ((first & 0x02) != 0) {
        const std::uint32_t structure = reader.u8();
        reader.take((structure & 0x10) != 0 ? ((structure >> 5) + 1) * std::size_t{4} : 0);
        const std::uint32_t groups = (structure & 0x08) != 0 ? reader.u8() : 0;
        for (std::uint32_t i = 0; i < groups && reader.ok(); ++i)
            reader.take(reader.u8() >> 2 & 3);
    }
    if (layer > 0)
        return reader.ok();
    if (m_frame.empty() && (first & 0x08) == 0)
        return false;
    appendView(m_frame, reader.take(reader.remaining()));
    return reader.ok();
}

bool OpenPictureAssembler::addAv1(ByteReader reader)
{
    const std::uint32_t head = reader.u8();
    const bool goesOn = (head & 0x80) != 0;
    const bool isContinued = (head & 0x40) != 0;
    const std::uint32_t elements = head >> 4 & 3;
    if (goesOn == m_unit.empty())
        return false;
    for (std::uint32_t i = 1; reader.remaining() > 0; ++i) {
        const ByteView element = reader.take(elements == i ? reader.remaining() : takeLeb128(reader));
        if (!reader.ok() || (elements != 0 && i > elements) ||
            m_unit.size() + element.size() > PictureAssembler::largestPicture)
            return false;
        appendView(m_unit, element);
        if (reader.remaining() == 0 && isContinued)
            return true;
        const Bytes unit = std::exchange(m_unit, {});
        if (!addUnit(unit))
            return false;
    }
    return true;
}

// With its size, as all but RTP have it.
bool OpenPictureAssembler::addUnit(ByteView bytes)
{
    ByteReader reader(bytes);
    auto unit = takeUnit(reader);
    if (!unit)
        return false;
    const std::uint32_t type = unitType(unit->header);
    if (type == TemporalDelimiter || type == TileList || type == Padding)
        return true;
    unit->header[0] |= hasSize;
    appendView(m_frame, unit->header);
    appendLeb128(m_frame, unit->content.size());
    appendView(m_frame, unit->content);
    return true;
}

std::optional<PictureAssembler::Picture> OpenPictureAssembler::finish()
{
    m_isBegun = false;
    const Bytes frame = std::exchange(m_frame, {});
    const bool isWhole = !std::exchange(m_isSpoilt, false) && m_unit.empty() && !frame.empty();
    m_unit.clear();
    if (!isWhole) {
        m_needsKeyFrame = true;
        return std::nullopt;
    }
    const bool isKey = m_codec.isKeyFrame(frame);
    if (m_needsKeyFrame && !isKey)
        return std::nullopt;
    m_needsKeyFrame = false;
    // Enhanced RTMP: 8 marks it, 1 is a key frame and 2 is none; 0 is a configuration and 1 a frame.
    const auto body = [this](std::uint32_t first, ByteView content) {
        Bytes out;
        out.reserve(content.size() + 1 + m_codec.fourCc.size());
        appendU8(out, first);
        appendView(out, viewOf(m_codec.fourCc));
        appendView(out, content);
        return out;
    };
    PictureAssembler::Picture picture;
    picture.timestamp = m_timestamp;
    Bytes record = isKey ? m_codec.recordOf(frame) : m_record;
    if (record != m_record) {
        m_record = std::move(record);
        picture.header = body(0x90, m_record);
    }
    picture.body = body(isKey ? 0x91 : 0xA1, frame);
    return picture;
}

}  // namespace headgate
