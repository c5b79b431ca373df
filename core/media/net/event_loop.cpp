#include "core/media/net/event_loop.h"

#include "core/base/check.h"
#include "core/media/net/shared_work.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace headgate {

namespace {

std::uint32_t epollEvents(Interest interest)
{
    switch (interest) {
    case Interest::None:
        return 0;
    case Interest::Read:
        return EPOLLIN;
    case Interest::Write:
        return EPOLLOUT;
    case Interest::ReadWrite:
        return EPOLLIN | EPOLLOUT;
    }
    unreachable();
}

std::uint64_t tagOf(int fd, std::uint32_t generation)
{
    return static_cast<std::uint64_t>(generation) << 32 | static_cast<std::uint32_t>(fd);
}

// A portion a turn, so that what else that loop has to do gets in between.
void help(EventLoop& helper, const std::shared_ptr<SharedWork>& work, const cpu_set_t& processors)
{
    if (work->takePart())
        helper.post([&helper, work, processors] { help(helper, work, processors); });
    else
        ::sched_setaffinity(0, sizeof processors, &processors);
}

// The system likes to wake a thread where the one runs that wakes it. There it would wait for whom it is to help.
void keepOffThisProcessor(pid_t thread, cpu_set_t processors)
{
    const int here = ::sched_getcpu();
    if (thread == 0 || here < 0 || CPU_COUNT(&processors) < 2)
        return;
    CPU_CLR(static_cast<std::size_t>(here), &processors);
    ::sched_setaffinity(thread, sizeof processors, &processors);
}

}  // namespace

EventLoop::EventLoop()
    : m_epoll(::epoll_create1(EPOLL_CLOEXEC)),
      m_wakeup(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      m_now(std::chrono::steady_clock::now())
{
    HG_CHECK(m_epoll.isOpen() && m_wakeup.isOpen());
    watch(m_wakeup.fd(), Interest::Read, [this](Readiness) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto size = ::read(m_wakeup.fd(), &count, sizeof count);
    });
}

EventLoop::~EventLoop() = default;

void EventLoop::run()
{
    m_isStopping = false;
    m_threadId = ::gettid();
    while (!m_isStopping)
        runOnce(std::chrono::seconds(60));
}

void EventLoop::stop()
{
    m_isStopping = true;
    wake();
}

void EventLoop::wake()
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto size = ::write(m_wakeup.fd(), &one, sizeof one);
}

void EventLoop::post(Callback callback)
{
    // Who finds calls waiting need not wake the loop: who pushed the first of them does.
    if (m_posted.push(std::move(callback)) && m_isAsleep)
        wake();
}

int EventLoop::waitMs(Duration longest, MonotonicTime now) const
{
    if (!m_turnEndTasks.isEmpty() || !m_dueTasks.isEmpty() || !m_retired.empty())
        return 0;
    Duration wait = longest;
    if (!m_timers.empty())
        wait = std::min(wait, std::chrono::ceil<Duration>(m_timers.begin()->first.first - now));
    if (!m_gatheredTasks.isEmpty())
        wait = std::min(wait, std::chrono::ceil<Duration>(m_gatheredDue - now));
    return static_cast<int>(std::clamp<Duration::rep>(wait.count(), 0, 60'000));
}

void EventLoop::runOnce(Duration longest)
{
    std::array<epoll_event, 256> events;
    const MonotonicTime turnEnd = std::chrono::steady_clock::now();
    // In this order: who posts after the look at the queue sees that the loop is about to sleep.
    m_isAsleep = true;
    const int wait = m_posted.isEmpty() ? waitMs(longest, turnEnd) : 0;
    const int count = ::epoll_wait(m_epoll.fd(), events.data(), static_cast<int>(events.size()), wait);
    m_isAsleep = false;
    const MonotonicTime turnBegin = std::chrono::steady_clock::now();
    m_mergeWindow.turned(turnEnd - m_now, turnBegin - turnEnd);
    m_now = turnBegin;
    for (int i = 0; i < count; ++i)
        handleReady(events[static_cast<std::size_t>(i)].data.u64, events[static_cast<std::size_t>(i)].events);
    m_posted.callAll();
    runTimers();
    runTurnEnd();
}

void EventLoop::handleReady(std::uint64_t tag, std::uint32_t events)
{
    const int fd = static_cast<int>(tag & 0xFFFFFFFF);
    const auto found = m_watches.find(fd);
    if (found == m_watches.end() || tagOf(fd, found->second.generation) != tag)
        return;  // ended by an earlier callback of this turn
    // Kept alive by the copy: the callback may remove its own watch.
    const ReadyCallback onReady = found->second.onReady;
    onReady(Readiness{(events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0,
                      (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0});
}

void EventLoop::runTimers()
{
    while (!m_timers.empty() && m_timers.begin()->first.first <= m_now) {
        auto node = m_timers.extract(m_timers.begin());
        m_timerTimes.erase(node.key().second);
        node.mapped()();
    }
}

void EventLoop::scheduleMerged(TurnEndTask& task)
{
    if (task.isQueued())
        return;
    if (m_gatheredTasks.isEmpty())
        m_gatheredDue = m_now + mergeWindow();
    m_gatheredTasks.append(task);
}

void EventLoop::runTurnEnd()
{
    // What is scheduled from here on belongs to the next turn.
    TurnEndQueue running;
    running.takeAll(m_turnEndTasks);
    if (!m_helpers.empty())
        workAhead(running);
    while (TurnEndTask* const task = running.takeFirst())
        task->turnEnded();
    constexpr int mostDuePerTurn = 64;
    if (m_gatheredDue <= m_now)
        m_dueTasks.takeAll(m_gatheredTasks);
    for (int i = 0; i < mostDuePerTurn && !m_dueTasks.isEmpty(); ++i)
        m_dueTasks.takeFirst()->turnEnded();
    const std::vector<std::shared_ptr<void>> retired = std::move(m_retired);
    m_retired.clear();
}

void EventLoop::setHelpers(std::vector<EventLoop*> helpers)
{
    m_helpers = std::move(helpers);
    if (::sched_getaffinity(0, sizeof m_processors, &m_processors) != 0)
        CPU_ZERO(&m_processors);
}

void EventLoop::workAhead(TurnEndQueue& tasks)
{
    constexpr std::size_t leastShared = 64;  // to wake another thread costs as much as some sends
    std::vector<TurnEndTask*> shared = tasks.tasksAhead(leastShared);
    if (shared.empty())
        return;
    const auto work = std::make_shared<SharedWork>(std::move(shared));
    for (EventLoop* const helper : m_helpers) {
        keepOffThisProcessor(helper->m_threadId, m_processors);
        helper->post([helper, work, processors = m_processors] { help(*helper, work, processors); });
    }
    work->finish();
}

void EventLoop::watch(int fd, Interest interest, ReadyCallback onReady)
{
    const std::uint32_t generation = ++m_generation;
    HG_CHECK(m_watches.emplace(fd, Watch{generation, std::move(onReady)}).second);
    epoll_event event{};
    event.events = epollEvents(interest);
    event.data.u64 = tagOf(fd, generation);
    HG_CHECK(::epoll_ctl(m_epoll.fd(), EPOLL_CTL_ADD, fd, &event) == 0);
}

void EventLoop::setInterest(int fd, Interest interest)
{
    const auto found = m_watches.find(fd);
    HG_CHECK(found != m_watches.end());
    epoll_event event{};
    event.events = epollEvents(interest);
    event.data.u64 = tagOf(fd, found->second.generation);
    HG_CHECK(::epoll_ctl(m_epoll.fd(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void EventLoop::unwatch(int fd)
{
    if (m_watches.erase(fd) > 0)
        ::epoll_ctl(m_epoll.fd(), EPOLL_CTL_DEL, fd, nullptr);
}

EventLoop::TimerId EventLoop::startTimer(Duration delay, Callback callback)
{
    const TimerId id = ++m_lastTimer;
    const MonotonicTime due = std::chrono::steady_clock::now() + delay;
    m_timers.emplace(std::pair(due, id), std::move(callback));
    m_timerTimes.emplace(id, due);
    return id;
}

void EventLoop::cancelTimer(TimerId id)
{
    const auto found = m_timerTimes.find(id);
    if (found == m_timerTimes.end())
        return;
    m_timers.erase(std::pair(found->second, id));
    m_timerTimes.erase(found);
}

void Timer::start(Duration delay, EventLoop::Callback callback)
{
    stop();
    m_id = m_loop->startTimer(delay, [this, callback = std::move(callback)] {
        m_id = 0;
        // The callback may end this timer's owner, so it must not live inside it.
        const EventLoop::Callback kept = callback;
        kept();
    });
}

void Timer::startRepeating(Duration period, EventLoop::Callback callback)
{
    start(period, [this, period, callback = std::move(callback)] {
        const EventLoop::Callback kept = callback;
        startRepeating(period, kept);
        kept();
    });
}

void Timer::stop()
{
    if (m_id != 0)
        m_loop->cancelTimer(m_id);
    m_id = 0;
}

}  // namespace headgate
