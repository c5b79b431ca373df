#include "core/media/thumbnail/thumbnail_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <system_error>

extern char** environ;

namespace headgate {

namespace {

// Without the signals that the node has blocked.
int spawnWorker(const std::string& program, int descriptor, pid_t& process)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, descriptor, thumbnailDescriptor);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::string path = program;
    std::array<char*, 2> arguments{path.data(), nullptr};
    const int error = ::posix_spawn(&process, path.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

// What was killed may take a moment to die, which nobody waits for here.
void reap(EventLoop& loop, pid_t process)
{
    constexpr Duration period{100};
    if (::waitpid(process, nullptr, WNOHANG) == 0)
        loop.startTimer(period, [&loop, process] { reap(loop, process); });
}

tl::unexpected<Error> failToStart(int error)
{
    return fail(ErrorCode::Unavailable,
                "The maker of pictures could not be started: " + std::generic_category().message(error) + ".");
}

}  // namespace

Result<std::unique_ptr<ThumbnailProcess>> ThumbnailProcess::start(EventLoop& loop, const std::string& program,
                                                                  Outcome onOutcome)
{
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return failToStart(errno);
    Socket ours(ends[0]);
    Socket theirs(ends[1]);
    // A dup2() of a descriptor to itself would leave it closed in the program.
    if (theirs.fd() == thumbnailDescriptor)
        theirs = Socket(::fcntl(theirs.fd(), F_DUPFD_CLOEXEC, thumbnailDescriptor + 1));
    ::fcntl(ours.fd(), F_SETFL, O_NONBLOCK);
    pid_t process = 0;
    if (const int error = spawnWorker(program, theirs.fd(), process); error != 0)
        return failToStart(error);
    return std::unique_ptr<ThumbnailProcess>(
        new ThumbnailProcess(loop, std::move(ours), process, std::move(onOutcome)));
}

ThumbnailProcess::ThumbnailProcess(EventLoop& loop, Socket socket, pid_t process, Outcome onOutcome)
    : m_loop(loop),
      m_process(process),
      m_onOutcome(std::move(onOutcome)),
      m_connection(loop, std::move(socket), Connection::Origin::Accepted, *this)
{}

ThumbnailProcess::~ThumbnailProcess()
{
    ::kill(m_process, SIGKILL);
    reap(m_loop, m_process);
}

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
