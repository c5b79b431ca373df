#pragma once

#include "core/media/net/child_process.h"
#include "core/media/net/connection.h"
#include "core/media/thumbnail/thumbnail_task.h"

#include <functional>
#include <memory>
#include <string>

namespace headgate {

// A running helper that makes one picture at a time. Killed when this object ends.
class ThumbnailProcess final : private ConnectionOwner
{
public:
    // The answer to the task, or Unavailable when the process has ended; then no more comes. The object must outlive
    // the call: end it with close() and EventLoop::retire().
    using Outcome = std::function<void(Result<Bytes>)>;

    // Runs the program with a socket as thumbnailDescriptor, where it calls runThumbnailWorker(). Unavailable if it
    // cannot be started.
    static Result<std::unique_ptr<ThumbnailProcess>> start(EventLoop& loop, const std::string& program,
                                                           Outcome onOutcome);
    ThumbnailProcess(const ThumbnailProcess&) = delete;
    ThumbnailProcess& operator=(const ThumbnailProcess&) = delete;

    void give(const ThumbnailTask& task);
    void close() { m_connection.close(); }  // nothing is answered any more

private:
    ThumbnailProcess(EventLoop& loop, ChildProcess::Started started, Outcome onOutcome);

    void bytesReceived(ByteView bytes) override;
    void connectionEnded(std::string_view reason) override;

    std::unique_ptr<ChildProcess> m_process;
    Outcome m_onOutcome;
    Bytes m_received;
    Connection m_connection;
};

}  // namespace headgate
