#pragma once

#include "core/base/time.h"
#include "core/media/net/call_queue.h"
#include "core/media/net/merge_window.h"
#include "core/media/net/socket.h"
#include "core/media/net/turn_end_queue.h"

#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace headgate {

using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock>;

enum class Interest
{
    None,
    Read,
    Write,
    ReadWrite
};

struct Readiness
{
    bool isReadable = false;  // also on errors and hang-ups, so that the reader finds out
    bool isWritable = false;
};

// One thread's epoll loop with timers. Everything but post(), stop() and traffic() belongs to the thread that calls
// run(). A callback may add and remove watches and timers freely, its own included.
class EventLoop
{
public:
    using Callback = CallQueue::Callback;
    using ReadyCallback = std::function<void(Readiness)>;
    using TimerId = std::uint64_t;  // never 0

    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    void run();   // until stop()
    void stop();  // from any thread or a callback

    // One turn: waits at most `longest` for something to happen and handles it.
    void runOnce(Duration longest);

    // What all connections of this loop moved since its start; from any thread.
    struct Traffic
    {
        std::uint64_t bytesReceived = 0;
        std::uint64_t bytesSent = 0;
    };
    Traffic traffic() const
    {
        return {m_bytesReceived.load(std::memory_order_relaxed), m_bytesSent.load(std::memory_order_relaxed)};
    }
    void countReceived(std::size_t bytes) { count(m_bytesReceived, bytes); }
    void countSent(std::size_t bytes) { count(m_bytesSent, bytes); }

    // The instant at which this turn began.
    MonotonicTime now() const { return m_now; }

    void watch(int fd, Interest interest, ReadyCallback onReady);
    void setInterest(int fd, Interest interest);
    void unwatch(int fd);

    TimerId startTimer(Duration delay, Callback callback);
    void cancelTimer(TimerId id);

    // The task is called once at the end of this turn, after the tasks scheduled before it, even if it was to be
    // merged.
    void scheduleTurnEnd(TurnEndTask& task)
    {
        task.leaveQueue();
        m_turnEndTasks.append(task);
    }

    // Loops of other threads that take part in the work ahead when many tasks are due at the end of a turn. They must
    // be there until they are no longer named here.
    void setHelpers(std::vector<EventLoop*> helpers);

    // For what many receivers get at the same time: the task is called once, when the merge window that the first of
    // them opened is over. Only some are called in one turn, so that a newcomer does not wait for all the others.
    void scheduleMerged(TurnEndTask& task);

    // Fixed, or automatic if there is none; 0 from the start. For what is scheduled from now on.
    void setMergeWindow(std::optional<Duration> fixed) { m_mergeWindow = MergeWindow(fixed); }
    Duration mergeWindow() const { return m_mergeWindow.current(); }

    // Keeps an object that ended itself inside one of its own callbacks until the end of this turn.
    template <typename T>
    void retire(std::unique_ptr<T> object)
    {
        m_retired.push_back(std::shared_ptr<T>(std::move(object)));
    }

    // From any thread, without a lock; called in the next turn. Wakes the loop if it sleeps.
    void post(Callback callback);

private:
    struct Watch
    {
        std::uint32_t generation = 0;
        ReadyCallback onReady;
    };

    // Only this loop's thread writes, so nothing has to be locked for an addition.
    static void count(std::atomic<std::uint64_t>& total, std::size_t bytes)
    {
        total.store(total.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
    }

    void wake();
    void handleReady(std::uint64_t tag, std::uint32_t events);
    void runTimers();
    void runTurnEnd();
    void workAhead(TurnEndQueue& tasks);
    int waitMs(Duration longest, MonotonicTime now) const;

    Socket m_epoll;
    Socket m_wakeup;
    MonotonicTime m_now;
    std::atomic<std::uint64_t> m_bytesReceived = 0;
    std::atomic<std::uint64_t> m_bytesSent = 0;
    std::unordered_map<int, Watch> m_watches;
    std::uint32_t m_generation = 0;
    std::map<std::pair<MonotonicTime, TimerId>, Callback> m_timers;
    std::unordered_map<TimerId, MonotonicTime> m_timerTimes;
    TimerId m_lastTimer = 0;
    TurnEndQueue m_turnEndTasks;
    TurnEndQueue m_gatheredTasks;  // until m_gatheredDue
    TurnEndQueue m_dueTasks;       // their window is over
    MonotonicTime m_gatheredDue;
    std::vector<EventLoop*> m_helpers;
    cpu_set_t m_processors{};           // that this process may use
    std::atomic<pid_t> m_threadId = 0;  // of the one that calls run()
    MergeWindow m_mergeWindow;
    std::vector<std::shared_ptr<void>> m_retired;
    CallQueue m_posted;
    std::atomic<bool> m_isAsleep = false;  // or about to be: who posts must wake it
    std::atomic<bool> m_isStopping = false;
};

// A timer that ends with its owner.
class Timer
{
public:
    explicit Timer(EventLoop& loop) : m_loop(&loop) {}
    ~Timer() { stop(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Replaces what was started before.
    void start(Duration delay, EventLoop::Callback callback);
    void startRepeating(Duration period, EventLoop::Callback callback);
    void stop();
    bool isRunning() const { return m_id != 0; }

    // Stops it on the loop that it leaves, by that loop's thread; what is started from then on belongs to the next one.
    void moveTo(EventLoop& to)
    {
        stop();
        m_loop = &to;
    }

private:
    EventLoop* m_loop;
    EventLoop::TimerId m_id = 0;
};

}  // namespace headgate
