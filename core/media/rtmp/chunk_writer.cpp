#include "core/base/check.h"
#include "core/media/rtmp/chunk_stream.h"

#include <algorithm>

namespace headgate::rtmp {

namespace {

constexpr std::uint32_t extendedMark = 0xFFFFFF;

void appendBasicHeader(Bytes& out, std::uint32_t format, std::uint32_t chunkStream)
{
    if (chunkStream < 64) {
        appendU8(out, format << 6 | chunkStream);
    } else if (chunkStream < 64 + 256) {
        appendU8(out, format << 6);
        appendU8(out, chunkStream - 64);
    } else {
        appendU8(out, format << 6 | 1);
        appendU8(out, (chunkStream - 64) & 0xFF);
        appendU8(out, (chunkStream - 64) >> 8);
    }
}

// The payload in pieces; `field` is the time of the first header, repeated if it is extended.
void appendPayload(Bytes& out, const WholeMessage& message, std::uint32_t field, std::uint32_t chunkSize)
{
    ByteView left = message.payload;
    for (;;) {
        const ByteView piece = left.first(std::min<std::size_t>(left.size(), chunkSize));
        appendView(out, piece);
        left = left.subspan(piece.size());
        if (left.empty())
            return;
        appendBasicHeader(out, 3, message.chunkStream);
        if (field >= extendedMark)
            appendU32(out, field);
    }
}

void appendMessageHeader(Bytes& out, std::uint32_t format, const WholeMessage& message, std::uint32_t field)
{
    appendBasicHeader(out, format, message.chunkStream);
    if (format <= 2)
        appendU24(out, std::min(field, extendedMark));
    if (format <= 1) {
        appendU24(out, static_cast<std::uint32_t>(message.payload.size()));
        appendU8(out, static_cast<std::uint32_t>(message.type));
    }
    if (format == 0) {
        for (int shift = 0; shift < 32; shift += 8)
            appendU8(out, message.streamId >> shift);
    }
    if (field >= extendedMark)
        appendU32(out, field);
}

}  // namespace

void appendWhole(Bytes& out, const WholeMessage& message, std::uint32_t chunkSize)
{
    HG_CHECK(message.payload.size() <= largestMessage);
    appendMessageHeader(out, 0, message, message.timestampMs);
    appendPayload(out, message, message.timestampMs, chunkSize);
}

void ChunkWriter::append(Bytes& out, std::uint32_t chunkStream, const Message& message)
{
    HG_CHECK(message.payload.size() <= largestMessage);
    const auto [place, isFirst] = m_previous.try_emplace(chunkStream);
    Previous& previous = place->second;
    const std::uint32_t delta = message.timestampMs - previous.timestampMs;
    std::uint32_t format = 0;
    const bool goesOn = !isFirst && previous.streamId == message.streamId && delta < 0x80000000;
    if (goesOn) {
        const bool isAlike = previous.length == message.payload.size() && previous.type == message.type;
        format = !isAlike ? 1 : previous.deltaMs != delta ? 2 : 3;
    }
    const std::uint32_t field = format == 0 ? message.timestampMs : delta;
    const WholeMessage whole{chunkStream, message.type, message.streamId, message.timestampMs, message.payload};
    appendMessageHeader(out, format, whole, field);
    appendPayload(out, whole, field, m_chunkSize);
    previous = Previous{message.timestampMs, field, message.payload.size(), message.type, message.streamId};
}

}  // namespace headgate::rtmp
