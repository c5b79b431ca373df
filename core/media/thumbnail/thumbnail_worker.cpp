#include "core/media/thumbnail/thumbnail_worker.h"

#include "core/media/thumbnail/thumbnail_painter.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace headgate {

namespace {

constexpr std::size_t slack = 1024;  // for the lengths and the codec's name

void limitResources()
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which reserve more addresses than that
    constexpr rlim_t mostMemory = 2ULL * 1024 * 1024 * 1024;
    const rlimit memory{mostMemory, mostMemory};
    ::setrlimit(RLIMIT_AS, &memory);
#endif
    const rlimit noFile{0, 0};
    ::setrlimit(RLIMIT_FSIZE, &noFile);
    ::setrlimit(RLIMIT_CORE, &noFile);
    ::setpriority(PRIO_PROCESS, 0, 10);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

bool readAll(int descriptor, Bytes& bytes)
{
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t got = ::recv(descriptor, bytes.data() + at, bytes.size() - at, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        at += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return true;
}

bool writeAll(int descriptor, ByteView bytes)
{
    while (!bytes.empty()) {
        const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        bytes = bytes.subspan(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    }
    return true;
}

}  // namespace

int runThumbnailWorker(int descriptor)
{
    limitResources();
    for (;;) {
        Bytes length(4);
        if (!readAll(descriptor, length))
            return 0;
        const std::size_t size = ByteReader(length).u32();
        if (size > ThumbnailTask::mostBytes + slack)
            return 1;
        Bytes bytes(size);
        if (!readAll(descriptor, bytes))
            return 0;
        const auto task = decodeTask(bytes);
        if (!task)
            return 1;
        const Bytes outcome = encodeOutcome(paintThumbnail(*task));
        Bytes outcomeLength;
        appendU32(outcomeLength, static_cast<std::uint32_t>(outcome.size()));
        if (!writeAll(descriptor, outcomeLength) || !writeAll(descriptor, outcome))
            return 0;
    }
}

}  // namespace headgate
