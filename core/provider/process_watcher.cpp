#include "core/provider/process_watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

// glibc 2.36 forgot to say that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace headgate {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int lookIntervalMs = 500;  // without process descriptors

struct Watched
{
    ProcessIdentity process;
    int descriptor = -1;                        // -1: only /proc tells
    std::optional<Clock::time_point> killTime;  // set by terminate()

    void signal(int number) const;
    bool hasEnded() const;
    std::string collectStatus() const;
};

void Watched::signal(int number) const
{
    if (descriptor >= 0)
        ::pidfd_send_signal(descriptor, number, nullptr, 0);
    else if (isRunning(process))
        ::kill(process.pid, number);
}

bool Watched::hasEnded() const
{
    if (descriptor < 0)
        return !isRunning(process);
    pollfd question = {descriptor, POLLIN, 0};
    return ::poll(&question, 1, 0) == 1;
}

// Also takes our own child off the kernel's list. Only a parent learns the status.
std::string Watched::collectStatus() const
{
    siginfo_t status = {};
    const bool isKnown = descriptor >= 0
                             ? ::waitid(P_PIDFD, static_cast<id_t>(descriptor), &status, WEXITED | WNOHANG) == 0
                             : ::waitid(P_PID, static_cast<id_t>(process.pid), &status, WEXITED | WNOHANG) == 0;
    if (!isKnown || status.si_pid == 0)
        return "ended while no parent was there to learn how";
    if (status.si_code == CLD_EXITED)
        return "exited with status " + std::to_string(status.si_status);
    return "was killed by signal " + std::to_string(status.si_status);
}

}  // namespace

class ProcessWatcher::Private
{
public:
    explicit Private(OnEnd callback) : onEnd(std::move(callback)) {}

    void run();
    void wake() const;
    int waitMs() const;
    std::vector<pollfd> questions() const;
    std::vector<std::pair<NodeId, std::string>> takeEnded();

    const OnEnd onEnd;
    const int wakeDescriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    std::atomic<bool> isStopping = false;
    mutable std::mutex mutex;
    std::map<NodeId, Watched> watched;  // guarded by mutex
    std::thread thread;
};

ProcessWatcher::ProcessWatcher(OnEnd onEnd) : m_d(std::make_unique<Private>(std::move(onEnd)))
{
    m_d->thread = std::thread([this] { m_d->run(); });
}

ProcessWatcher::~ProcessWatcher()
{
    m_d->isStopping = true;
    m_d->wake();
    m_d->thread.join();
    for (const auto& [node, entry] : m_d->watched) {
        if (entry.descriptor >= 0)
            ::close(entry.descriptor);
    }
    ::close(m_d->wakeDescriptor);
}

void ProcessWatcher::watch(const NodeId& node, const ProcessIdentity& process)
{
    {
        const std::lock_guard lock(m_d->mutex);
        if (m_d->watched.contains(node))
            return;
        m_d->watched[node] = {process, openProcessDescriptor(process), std::nullopt};
    }
    m_d->wake();
}

bool ProcessWatcher::terminate(const NodeId& node, Duration grace)
{
    {
        const std::lock_guard lock(m_d->mutex);
        const auto found = m_d->watched.find(node);
        if (found == m_d->watched.end())
            return false;
        if (found->second.killTime)
            return true;
        found->second.signal(SIGTERM);
        found->second.killTime = Clock::now() + grace;
    }
    m_d->wake();
    return true;
}

bool ProcessWatcher::isWatched(const NodeId& node) const
{
    const std::lock_guard lock(m_d->mutex);
    return m_d->watched.contains(node);
}

int ProcessWatcher::watchedCount() const
{
    const std::lock_guard lock(m_d->mutex);
    return static_cast<int>(m_d->watched.size());
}

void ProcessWatcher::Private::wake() const
{
    const std::uint64_t one = 1;
    // A full counter is readable already, so a failed write loses nothing.
    [[maybe_unused]] const ssize_t written = ::write(wakeDescriptor, &one, sizeof one);
}

int ProcessWatcher::Private::waitMs() const
{
    int wait = -1;
    const auto atMost = [&wait](int ms) { wait = wait < 0 ? ms : std::min(wait, ms); };
    const std::lock_guard lock(mutex);
    for (const auto& [node, entry] : watched) {
        if (entry.descriptor < 0)
            atMost(lookIntervalMs);
        if (entry.killTime) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*entry.killTime - Clock::now());
            atMost(static_cast<int>(std::max<std::int64_t>(0, left.count())));
        }
    }
    return wait;
}

std::vector<pollfd> ProcessWatcher::Private::questions() const
{
    std::vector<pollfd> list = {{wakeDescriptor, POLLIN, 0}};
    const std::lock_guard lock(mutex);
    for (const auto& [node, entry] : watched) {
        if (entry.descriptor >= 0)
            list.push_back({entry.descriptor, POLLIN, 0});
    }
    return list;
}

std::vector<std::pair<NodeId, std::string>> ProcessWatcher::Private::takeEnded()
{
    std::vector<std::pair<NodeId, std::string>> ended;
    const std::lock_guard lock(mutex);
    for (auto entry = watched.begin(); entry != watched.end();) {
        Watched& one = entry->second;
        if (!one.hasEnded()) {
            if (one.killTime && Clock::now() >= *one.killTime) {
                one.signal(SIGKILL);
                one.killTime = Clock::now() + std::chrono::seconds(1);
            }
            ++entry;
            continue;
        }
        ended.emplace_back(entry->first, one.collectStatus());
        if (one.descriptor >= 0)
            ::close(one.descriptor);
        entry = watched.erase(entry);
    }
    return ended;
}

void ProcessWatcher::Private::run()
{
    while (!isStopping) {
        std::vector<pollfd> list = questions();
        ::poll(list.data(), list.size(), waitMs());
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = ::read(wakeDescriptor, &count, sizeof count);
        for (const auto& [node, how] : takeEnded())
            onEnd(node, how);
    }
}

}  // namespace headgate
