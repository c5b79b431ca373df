#include "core/media/net/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <system_error>

extern char** environ;

namespace headgate {

namespace {

// Without the signals that the node has blocked.
int spawn(const std::string& program, int socket, std::initializer_list<int> descriptors, pid_t& process)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (const int descriptor : descriptors)
        posix_spawn_file_actions_adddup2(&actions, socket, descriptor);
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

tl::unexpected<Error> failToStart(const std::string& what, int error)
{
    return fail(ErrorCode::Unavailable,
                what + " could not be started: " + std::generic_category().message(error) + ".");
}

}  // namespace

Result<ChildProcess::Started> ChildProcess::start(EventLoop& loop, const std::string& program,
                                                  std::initializer_list<int> descriptors, const std::string& what)
{
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return failToStart(what, errno);
    Socket ours(ends[0]);
    Socket theirs(ends[1]);
    // A dup2() of a descriptor to itself would leave it closed in the program.
    const int highest = std::max(descriptors);
    if (theirs.fd() <= highest)
        theirs = Socket(::fcntl(theirs.fd(), F_DUPFD_CLOEXEC, highest + 1));
    ::fcntl(ours.fd(), F_SETFL, O_NONBLOCK);
    pid_t process = 0;
    if (const int error = spawn(program, theirs.fd(), descriptors, process); error != 0)
        return failToStart(what, error);
    return Started{std::unique_ptr<ChildProcess>(new ChildProcess(loop, process)), std::move(ours)};
}

ChildProcess::~ChildProcess()
{
    ::kill(m_process, SIGKILL);
    reap(m_loop, m_process);
}

void ChildProcess::askToEnd() const
{
    ::kill(m_process, SIGTERM);
}

}  // namespace headgate
