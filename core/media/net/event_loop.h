#pragma once

#include "core/base/time.h"
#include "core/media/net/merge_window.h"
#include "core/media/net/socket.h"
#include "core/media/net/turn_end_queue.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
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

// One thread's epoll loop with timers. Everything but post() and stop() belongs to the thread that calls run().
// A callback may add and remove watches and timers freely, its own included.
class EventLoop
{
public:
    using Callback = std::function<void()>;
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

    // What all connections of this loop moved since its start.
    struct Traffic
    {
        std::uint64_t bytesReceived = 0;
        std::uint64_t bytesSent = 0;
    };
    Traffic& traffic() { return m_traffic; }

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

    // From any thread; run in the next turn.
    void post(Callback callback);

private:
    struct Watch
    {
        std::uint32_t generation = 0;
        ReadyCallback onReady;
    };

    void wake();
    void handleReady(std::uint64_t tag, std::uint32_t events);
    void runTimers();
    void runPosted();
    void runTurnEnd();
    int waitMs(Duration longest, MonotonicTime now) const;

    Socket m_epoll;
    Socket m_wakeup;
    MonotonicTime m_now;
    Traffic m_traffic;
    std::unordered_map<int, Watch> m_watches;
    std::uint32_t m_generation = 0;
    std::map<std::pair<MonotonicTime, TimerId>, Callback> m_timers;
    std::unordered_map<TimerId, MonotonicTime> m_timerTimes;
    TimerId m_lastTimer = 0;
    TurnEndQueue m_turnEndTasks;
    TurnEndQueue m_gatheredTasks;  // until m_gatheredDue
    TurnEndQueue m_dueTasks;       // their window is over
    MonotonicTime m_gatheredDue;
    MergeWindow m_mergeWindow;
    std::vector<std::shared_ptr<void>> m_retired;
    std::mutex m_postedMutex;
    std::vector<Callback> m_posted;
    std::atomic<bool> m_isStopping = false;
};

// A timer that ends with its owner.
class Timer
{
public:
    explicit Timer(EventLoop& loop) : m_loop(loop) {}
    ~Timer() { stop(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Replaces what was started before.
    void start(Duration delay, EventLoop::Callback callback);
    void startRepeating(Duration period, EventLoop::Callback callback);
    void stop();
    bool isRunning() const { return m_id != 0; }

private:
    EventLoop& m_loop;
    EventLoop::TimerId m_id = 0;
};

}  // namespace headgate
