#include "core/media/thumbnail/thumbnail_task.h"

namespace headgate {

namespace {

constexpr std::uint32_t pictureMark = 1;
constexpr std::uint32_t errorMark = 2;

void appendBlock(Bytes& out, ByteView block)
{
    appendU32(out, static_cast<std::uint32_t>(block.size()));
    appendView(out, block);
}

}  // namespace

Bytes encodeTask(const ThumbnailTask& task)
{
    Bytes bytes;
    appendU16(bytes, static_cast<std::uint32_t>(task.width));
    appendBlock(bytes, viewOf(task.codec));
    appendBlock(bytes, task.configuration);
    appendBlock(bytes, task.keyFrame);
    return bytes;
}

std::optional<ThumbnailTask> decodeTask(ByteView bytes)
{
    ByteReader reader(bytes);
    const auto width = static_cast<int>(reader.u16());
    const ByteView codec = reader.take(reader.u32());
    const ByteView configuration = reader.take(reader.u32());
    const ByteView keyFrame = reader.take(reader.u32());
    if (!reader.ok() || reader.remaining() > 0)
        return std::nullopt;
    return ThumbnailTask{std::string(textOf(codec)),
                         {configuration.begin(), configuration.end()},
                         {keyFrame.begin(), keyFrame.end()},
                         width};
}

Bytes encodeOutcome(const Result<Bytes>& outcome)
{
    Bytes bytes;
    appendU8(bytes, outcome ? pictureMark : errorMark);
    appendView(bytes, outcome ? ByteView(*outcome) : viewOf(outcome.error().message));
    return bytes;
}

Result<Bytes> decodeOutcome(ByteView bytes)
{
    ByteReader reader(bytes);
    const std::uint32_t mark = reader.u8();
    const ByteView rest = reader.take(reader.remaining());
    if (mark == pictureMark)
        return Bytes(rest.begin(), rest.end());
    return fail(ErrorCode::Unsupported,
                mark == errorMark ? std::string(textOf(rest)) : std::string("The picture's maker gave no answer."));
}

}  // namespace headgate
