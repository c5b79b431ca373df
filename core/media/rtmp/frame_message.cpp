#include "core/media/rtmp/frame_message.h"

#include "core/media/rtmp/link.h"

#include <optional>

namespace headgate::rtmp {

namespace {

std::uint32_t chunkStreamOf(FrameKind kind)
{
    return kind == FrameKind::Audio   ? audioChunkStream
           : kind == FrameKind::Video ? videoChunkStream
                                      : scriptChunkStream;
}

SharedFrame makeFrame(FrameKind kind, std::uint32_t timestampMs, Bytes body)
{
    return std::make_shared<const MediaFrame>(kind, timestampMs, std::move(body));
}

// Bytes of an AMF0 string value.
constexpr std::string_view setDataFrame("\x02\x00\x0D@setDataFrame", 16);

Bytes withoutSetDataFrame(Bytes payload)
{
    if (textOf(payload).starts_with(setDataFrame))
        payload.erase(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(setDataFrame.size()));
    return payload;
}

void useAggregate(const Message& aggregate, const std::function<void(SharedFrame)>& use)
{
    ByteReader reader(aggregate.payload);
    std::optional<std::uint32_t> first;
    while (reader.ok() && reader.remaining() >= flvTagHeaderSize) {
        const std::uint32_t type = reader.u8();
        const std::uint32_t size = reader.u24();
        std::uint32_t timestamp = reader.u24();
        timestamp |= reader.u8() << 24;
        reader.u24();
        const ByteView body = reader.take(size);
        if (!reader.ok())
            return;
        reader.u32();
        if (!first)
            first = timestamp;
        if (type == static_cast<std::uint32_t>(MessageType::Aggregate))
            continue;
        forEachFrame(Message{static_cast<MessageType>(type), aggregate.streamId,
                             aggregate.timestampMs + (timestamp - *first), Bytes(body.begin(), body.end())},
                     use);
    }
}

}  // namespace

Bytes encodeFrame(const MediaFrame& frame)
{
    constexpr std::size_t headerBytes = 16;
    Bytes out;
    out.reserve(frame.body().size() + headerBytes * (1 + frame.body().size() / Link::chunkSize));
    appendWhole(out,
                WholeMessage{chunkStreamOf(frame.kind()), static_cast<MessageType>(tagTypeOf(frame.kind())),
                             mediaStreamId, frame.timestampMs(), frame.body()},
                Link::chunkSize);
    return out;
}

void forEachFrame(Message message, const std::function<void(SharedFrame)>& use)
{
    if (message.payload.empty())
        return;
    switch (message.type) {
    case MessageType::Audio:
        use(makeFrame(FrameKind::Audio, message.timestampMs, std::move(message.payload)));
        return;
    case MessageType::Video:
        use(makeFrame(FrameKind::Video, message.timestampMs, std::move(message.payload)));
        return;
    case MessageType::ScriptAmf3:
        // A zero byte, then AMF0.
        if (message.payload.front() == 0)
            message.payload.erase(message.payload.begin());
        [[fallthrough]];
    case MessageType::ScriptAmf0:
        message.payload = withoutSetDataFrame(std::move(message.payload));
        if (!message.payload.empty())
            use(makeFrame(FrameKind::Script, message.timestampMs, std::move(message.payload)));
        return;
    case MessageType::Aggregate:
        useAggregate(message, use);
        return;
    default:
        return;
    }
}

}  // namespace headgate::rtmp
