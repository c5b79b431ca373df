#include "core/media/thumbnail/thumbnail_process.h"

#include <utility>

namespace headgate {

Result<std::unique_ptr<ThumbnailProcess>> ThumbnailProcess::start(EventLoop& loop, const std::string& program,
                                                                  Outcome onOutcome)
{
    auto started = ChildProcess::start(loop, program, {thumbnailDescriptor}, "The maker of pictures");
    if (!started)
        return tl::unexpected(std::move(started.error()));
    return std::unique_ptr<ThumbnailProcess>(new ThumbnailProcess(loop, std::move(*started), std::move(onOutcome)));
}

ThumbnailProcess::ThumbnailProcess(EventLoop& loop, ChildProcess::Started started, Outcome onOutcome)
    : m_process(std::move(started.process)),
      m_onOutcome(std::move(onOutcome)),
      m_connection(loop, std::move(started.socket), Connection::Origin::Accepted, *this)
{}

void ThumbnailProcess::give(const ThumbnailTask& task)
{
    const Bytes bytes = encodeTask(task);
    Bytes framed;
    framed.reserve(bytes.size() + 4);
    appendU32(framed, static_cast<std::uint32_t>(bytes.size()));
    appendView(framed, bytes);
    m_connection.send(std::move(framed));
}

void ThumbnailProcess::bytesReceived(ByteView bytes)
{
    constexpr std::size_t slack = 1024;
    appendView(m_received, bytes);
    ByteReader reader(m_received);
    const std::size_t size = reader.u32();
    if (reader.ok() && size > ThumbnailTask::mostPictureBytes + slack) {
        m_connection.close();
        connectionEnded("it answered too much");
        return;
    }
    const ByteView outcome = reader.take(size);
    if (!reader.ok())
        return;
    auto decoded = decodeOutcome(outcome);
    m_received.clear();
    m_onOutcome(std::move(decoded));
}

void ThumbnailProcess::connectionEnded(std::string_view)
{
    m_onOutcome(fail(ErrorCode::Unavailable, "The maker of pictures ended before it was done."));
}

}  // namespace headgate
