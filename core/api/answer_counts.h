#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>

namespace headgate {

// How many requests were answered with which status since the start. Any thread.
class AnswerCounts
{
public:
    void add(int status)
    {
        if (status >= 0 && status < static_cast<int>(m_counts.size()))
            m_counts[static_cast<std::size_t>(status)].fetch_add(1, std::memory_order_relaxed);
    }

    // Those that are not 0.
    std::map<int, std::uint64_t> byStatus() const
    {
        std::map<int, std::uint64_t> counts;
        for (std::size_t status = 0; status < m_counts.size(); ++status) {
            if (const std::uint64_t count = m_counts[status].load(std::memory_order_relaxed))
                counts.emplace(static_cast<int>(status), count);
        }
        return counts;
    }

private:
    std::array<std::atomic<std::uint64_t>, 600> m_counts{};
};

}  // namespace headgate
