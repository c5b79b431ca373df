#include "core/api/workers.h"

#include <utility>

namespace headgate {

Workers::Workers(int threads, std::size_t maxWaiting) : m_maxWaiting(maxWaiting)
{
    for (int i = 0; i < threads; ++i)
        m_threads.emplace_back([this] { work(); });
}

Workers::~Workers()
{
    stop();
}

void Workers::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_hasWork.notify_all();
    for (std::thread& thread : m_threads)
        thread.join();
    m_threads.clear();
}

bool Workers::tryRun(std::function<void()> job)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_isStopping || m_waiting.size() >= m_maxWaiting)
            return false;
        m_waiting.push_back(std::move(job));
    }
    m_hasWork.notify_one();
    return true;
}

void Workers::work()
{
    for (;;) {
        std::function<void()> job;
        {
            std::unique_lock lock(m_mutex);
            m_hasWork.wait(lock, [this] { return m_isStopping || !m_waiting.empty(); });
            if (m_isStopping)
                return;
            job = std::move(m_waiting.front());
            m_waiting.pop_front();
        }
        job();
    }
}

}  // namespace headgate
