#include "core/media/rtp/rtp.h"

#include "core/media/flv/bit_reader.h"
#include "core/media/flv/tag_body.h"
#include "core/media/rtp/open_codecs.h"
#include "core/media/ts/nal_units.h"

#include <algorithm>

namespace headgate {

namespace {

// How RTP carries the units of a codec: their header, and how packets tell that they hold several, or a piece of one.
struct UnitForm
{
    ts::Codec codec = ts::Codec::Avc;
    std::size_t headerSize = 1;
    int typeShift = 0;
    std::uint8_t typeMask = 0x1F;
    std::uint8_t aggregate = 24;
    std::uint8_t piece = 28;

    std::uint8_t typeOf(ByteView unit) const { return static_cast<std::uint8_t>(unit[0] >> typeShift & typeMask); }
    void appendHeader(Bytes& out, ByteView unit, std::uint8_t type) const
    {
        const std::uint32_t kept = unit[0] & ~(std::uint32_t{typeMask} << typeShift);
        appendU8(out, kept | static_cast<std::uint32_t>(type << typeShift));
        appendView(out, unit.subspan(1, headerSize - 1));
    }
};
constexpr UnitForm avcForm;                                        // RFC 6184
constexpr UnitForm hevcForm{ts::Codec::Hevc, 2, 1, 0x3F, 48, 49};  // RFC 7798

void appendPayload(Bytes& out, ByteView payload)
{
    appendU16(out, static_cast<std::uint32_t>(payload.size()));
    appendView(out, payload);
}

// In pieces of equal size but for the last, which a socket sends at less cost.
void appendUnit(Bytes& out, ByteView unit, const UnitForm& form)
{
    if (unit.size() <= largestPayload)
        return appendPayload(out, unit);
    const std::size_t largestPiece = largestPayload - form.headerSize - 1;
    const std::uint8_t type = form.typeOf(unit);
    ByteView left = unit.subspan(form.headerSize);
    const std::size_t pieces = (left.size() + largestPiece - 1) / largestPiece;
    const std::size_t size = (left.size() + pieces - 1) / pieces;
    for (bool isFirst = true; !left.empty(); isFirst = false) {
        const ByteView piece = left.first(std::min(size, left.size()));
        left = left.subspan(piece.size());
        appendU16(out, static_cast<std::uint32_t>(piece.size() + form.headerSize + 1));
        form.appendHeader(out, unit, form.piece);
        appendU8(out, type | (isFirst ? 0x80u : 0u) | (left.empty() ? 0x40u : 0u));
        appendView(out, piece);
    }
}

// All in one aggregation packet where they fit into one.
void appendParameterSets(Bytes& out, ByteView record, const UnitForm& form)
{
    const auto content = ts::contentOfRecord(form.codec, record);
    if (!content)
        return;
    Bytes aggregate;
    ts::forEachNalUnit(content->sets, [&](ByteView set) {
        if (set.size() < form.headerSize)
            return;
        if (aggregate.empty())
            form.appendHeader(aggregate, set, form.aggregate);
        appendU16(aggregate, static_cast<std::uint32_t>(set.size()));
        appendView(aggregate, set);
    });
    if (!aggregate.empty() && aggregate.size() <= largestPayload)
        appendPayload(out, aggregate);
}

// Supplemental information of H.264 about the buffers of a broadcast receiver (D.1.2 and D.1.3) and nothing else. With
// some encoders it goes before each picture, in a packet of its own that costs as much as all of the picture's.
bool isOfBuffersAlone(ByteView unit)
{
    constexpr std::uint8_t supplement = 6, end = 0x80;
    constexpr std::size_t longest = 128;
    constexpr std::uint32_t pictureTiming = 1;  // 0 are buffering periods
    if ((unit[0] & 0x1F) != supplement || unit.size() > longest)
        return false;
    const Bytes plain = withoutEmulationPrevention(unit);
    ByteReader reader(ByteView(plain).subspan(1));
    while (reader.remaining() > 1) {
        if (reader.u8() > pictureTiming)
            return false;
        reader.take(reader.u8());
    }
    return reader.u8() == end && reader.ok();
}

void appendPicture(Bytes& out, ByteView units, const UnitForm& form)
{
    constexpr std::size_t lengthSize = 4;
    constexpr std::uint8_t endOfSequence = 10, endOfStream = 11;  // of H.264
    ts::forEachSizedUnit(units, lengthSize, [&](ByteView unit) {
        if (unit.size() < form.headerSize)
            return;
        const ts::NalRole role = ts::roleOf(form.codec, unit);
        const std::uint8_t type = form.typeOf(unit);
        const bool isUnneeded =
            form.codec == ts::Codec::Avc && (type == endOfSequence || type == endOfStream || isOfBuffersAlone(unit));
        if (role != ts::NalRole::Delimiter && role != ts::NalRole::Filler && !isUnneeded)
            appendUnit(out, unit, form);
    });
}

// RFC 3640, 3.3.6: one access unit behind its header, or a piece of one.
void appendAac(Bytes& out, ByteView unit)
{
    constexpr std::size_t headerSize = 4;
    constexpr std::size_t largestUnit = 0x1FFF;
    constexpr std::size_t largestPiece = largestPayload - headerSize;
    if (unit.size() > largestUnit)
        return;
    for (ByteView left = unit; !left.empty();) {
        const ByteView piece = left.first(std::min(largestPiece, left.size()));
        left = left.subspan(piece.size());
        appendU16(out, static_cast<std::uint32_t>(piece.size() + headerSize));
        appendU16(out, 16);  // bits of headers
        appendU16(out, static_cast<std::uint32_t>(unit.size()) << 3);
        appendView(out, piece);
    }
}

}  // namespace

void writeRtpHeader(std::span<std::uint8_t> room, const RtpHeader& header)
{
    const auto put = [&room](std::size_t at, std::uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            room[at + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - i)));
    };
    put(0, 0x80, 1);
    put(1, header.payloadType | (header.isMarked ? 0x80u : 0u), 1);
    put(2, header.sequence, 2);
    put(4, header.timestamp, 4);
    put(8, header.ssrc, 4);
}

Bytes rtpPayloadsOf(const MediaFrame& frame)
{
    Bytes out;
    if (frame.kind() == FrameKind::Script)
        return out;
    const bool isVideo = frame.kind() == FrameKind::Video;
    const BodyDescription body = isVideo ? describeVideoBody(frame.body()) : describeAudioBody(frame.body());
    const ByteView content = ByteView(frame.body()).subspan(std::min(body.headerSize, frame.body().size()));
    const ByteView payload = content.first(std::min(body.payloadSize, content.size()));
    out.reserve(payload.size() + payload.size() / 256 + 64);
    const bool isAvc = body.codec == "H.264";
    if (isVideo && (isAvc || body.codec == "HEVC")) {
        const UnitForm& form = isAvc ? avcForm : hevcForm;
        if (body.isSequenceHeader)
            appendParameterSets(out, payload, form);
        else if (body.isCodedFrame)
            appendPicture(out, payload, form);
    } else if (!isVideo && body.codec == "AAC" && body.isCodedFrame) {
        appendAac(out, payload);
    } else if (!isVideo && body.codec == "Opus" && body.isCodedFrame && !payload.empty() &&
               payload.size() <= largestPayload) {
        appendPayload(out, payload);
    } else if (const OpenCodec* const open = isVideo && body.isCodedFrame ? openCodecOf(body.codec) : nullptr) {
        open->appendPayloads(out, payload);
    }
    return out;
}

}  // namespace headgate
