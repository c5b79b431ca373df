#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace headgate {

// A few threads for what would hold up the I/O thread: password hashing, reading the store.
class Workers
{
public:
    Workers(int threads, std::size_t maxWaiting);

    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    // False, and the job is dropped, if too many wait already.
    bool tryRun(std::function<void()> job);

    // Waits for the jobs that run; those that wait are dropped. Jobs given later are dropped too.
    void stop();

private:
    void work();

    std::mutex m_mutex;
    std::condition_variable m_hasWork;
    std::deque<std::function<void()>> m_waiting;
    std::vector<std::thread> m_threads;
    std::size_t m_maxWaiting;
    bool m_isStopping = false;
};

}  // namespace headgate
