#include "core/media/webrtc/rtp.h"

#include "core/media/flv/tag_body.h"

#include <algorithm>

namespace headgate::webrtc {

namespace {

enum NalUnit : std::uint8_t
{
    EndOfSequence = 10,
    EndOfStream = 11,
    Delimiter = 9,
    Filler = 12,
    StapA = 24,
    FuA = 28
};
constexpr std::uint8_t typeMask = 0x1F;

void appendPayload(Bytes& out, ByteView payload)
{
    appendU16(out, static_cast<std::uint32_t>(payload.size()));
    appendView(out, payload);
}

// In pieces of equal size but for the last, which a socket sends at less cost.
void appendUnit(Bytes& out, ByteView unit)
{
    constexpr std::size_t largestPiece = largestPayload - 2;
    if (unit.size() <= largestPayload)
        return appendPayload(out, unit);
    const std::uint8_t header = unit[0];
    ByteView left = unit.subspan(1);
    const std::size_t pieces = (left.size() + largestPiece - 1) / largestPiece;
    const std::size_t size = (left.size() + pieces - 1) / pieces;
    for (bool isFirst = true; !left.empty(); isFirst = false) {
        const ByteView piece = left.first(std::min(size, left.size()));
        left = left.subspan(piece.size());
        appendU16(out, static_cast<std::uint32_t>(piece.size() + 2));
        appendU8(out, (header & ~std::uint32_t{typeMask}) | FuA);
        appendU8(out, (header & typeMask) | (isFirst ? 0x80u : 0u) | (left.empty() ? 0x40u : 0u));
        appendView(out, piece);
    }
}

// All in one aggregation packet where they fit into one.
void appendParameterSets(Bytes& out, ByteView record)
{
    ByteReader reader(record);
    reader.take(5);
    Bytes aggregate;
    std::uint8_t importance = 0;
    appendU8(aggregate, StapA);
    for (const std::uint32_t mask : {0x1Fu, 0xFFu}) {
        const std::uint32_t count = reader.u8() & mask;
        for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
            const ByteView set = reader.take(reader.u16());
            if (set.empty())
                continue;
            importance = std::max(importance, static_cast<std::uint8_t>(set[0] & 0x60));
            appendU16(aggregate, static_cast<std::uint32_t>(set.size()));
            appendView(aggregate, set);
        }
    }
    aggregate[0] = static_cast<std::uint8_t>(importance | StapA);
    if (reader.ok() && aggregate.size() > 1 && aggregate.size() <= largestPayload)
        appendPayload(out, aggregate);
}

void appendPicture(Bytes& out, ByteView units)
{
    ByteReader reader(units);
    while (reader.remaining() > 0) {
        const ByteView unit = reader.take(reader.u32());
        if (!reader.ok())
            return;
        const std::uint8_t type = unit.empty() ? std::uint8_t{Filler} : static_cast<std::uint8_t>(unit[0] & typeMask);
        if (type < Delimiter || type > Filler)
            appendUnit(out, unit);
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
    if (isVideo && body.codec == "H.264" && body.isSequenceHeader)
        appendParameterSets(out, payload);
    else if (isVideo && body.codec == "H.264" && body.isCodedFrame)
        appendPicture(out, payload);
    else if (!isVideo && body.codec == "Opus" && body.isCodedFrame && !payload.empty() &&
             payload.size() <= largestPayload)
        appendPayload(out, payload);
    return out;
}

}  // namespace headgate::webrtc
