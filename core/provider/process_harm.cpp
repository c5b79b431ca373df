#include "core/provider/process_harm.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

// glibc 2.36 forgot to say that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace headgate {

namespace {

constexpr int slowStoppedMs = 80;
constexpr int slowRunningMs = 20;

void signalTo(int process, int number)
{
    ::pidfd_send_signal(process, number, nullptr, 0);
}

// True if the process has ended before the time was over.
bool waitFor(int process, int ms)
{
    pollfd question = {process, POLLIN, 0};
    return ::poll(&question, 1, ms) == 1;
}

// In a process that was forked off a program with threads: nothing here may allocate or lock. What would end a process
// politely is not heard, as then nobody would let the other one go.
[[noreturn]] void hold(int process, int stoppedMs, int runningMs, int totalMs)
{
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    ::setsid();
    ::dup2(process, STDIN_FILENO);
    ::close_range(STDIN_FILENO + 1, ~0U, 0);
    bool hasEnded = false;
    for (int left = totalMs; left > 0 && !hasEnded; left -= stoppedMs + runningMs) {
        signalTo(STDIN_FILENO, SIGSTOP);
        hasEnded = waitFor(STDIN_FILENO, std::min(stoppedMs, left));
        signalTo(STDIN_FILENO, SIGCONT);
        if (!hasEnded && runningMs > 0)
            hasEnded = waitFor(STDIN_FILENO, runningMs);
    }
    ::_exit(0);
}

// The holder is the child of a child that is gone, so nobody of ours has to wait for it.
Result<void> startHolder(int process, int stoppedMs, int runningMs, int totalMs)
{
    const pid_t child = ::fork();
    if (child == 0) {
        const pid_t holder = ::fork();
        if (holder == 0)
            hold(process, stoppedMs, runningMs, totalMs);
        ::_exit(holder < 0 ? 1 : 0);
    }
    int status = 0;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (child < 0 || status != 0)
        return fail(ErrorCode::Unavailable, "No process could be made that would let it go on again.",
                    "Check how many processes this user may have.");
    return {};
}

}  // namespace

Result<void> harmProcess(const ProcessIdentity& process, NodeHarm harm, Duration lasts)
{
    if (!isRunning(process))
        return fail(ErrorCode::NotFound, "The process does not run any more.");
    const int descriptor = openProcessDescriptor(process);
    if (descriptor < 0)
        return fail(ErrorCode::Unsupported, "This kernel has no process descriptors.", "Linux 5.3 has them.");
    const int totalMs = static_cast<int>(lasts.count());
    Result<void> harmed;
    switch (harm) {
    case NodeHarm::Kill:
        signalTo(descriptor, SIGKILL);
        break;
    case NodeHarm::Freeze:
        harmed = startHolder(descriptor, totalMs, 0, totalMs);
        break;
    case NodeHarm::Slow:
        harmed = startHolder(descriptor, slowStoppedMs, slowRunningMs, totalMs);
        break;
    }
    ::close(descriptor);
    return harmed;
}

}  // namespace headgate
