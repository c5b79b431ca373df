#pragma once

#include "core/media/net/turn_end_queue.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

namespace headgate {

// The work ahead of many tasks, done by their loop's thread and by whoever else has time. Nobody takes a lock, and who
// comes too late finds nothing to do.
class SharedWork
{
public:
    explicit SharedWork(std::vector<TurnEndTask*> tasks) : m_tasks(std::move(tasks)) {}

    // A few of those that nobody took; false if none are left. From any thread.
    bool takePart()
    {
        constexpr std::size_t portion = 16;
        ++m_atWork;
        const std::size_t begin = m_next.fetch_add(portion);
        const std::size_t end = std::min(begin + portion, m_tasks.size());
        for (std::size_t i = begin; i < end; ++i)
            m_tasks[i]->workAhead();
        if (--m_atWork == 0)
            m_atWork.notify_all();
        return end < m_tasks.size();
    }

    // All that is left, and waits for those who are at their last few.
    void finish()
    {
        while (takePart()) {
        }
        for (int atWork = m_atWork; atWork != 0; atWork = m_atWork)
            m_atWork.wait(atWork);
    }

private:
    const std::vector<TurnEndTask*> m_tasks;
    std::atomic<std::size_t> m_next = 0;
    std::atomic<int> m_atWork = 0;
};

}  // namespace headgate
