#pragma once

#include "core/base/time.h"

#include <algorithm>
#include <atomic>
#include <chrono>

namespace headgate {

// The one place where the control plane reads the wall clock. Never runs backwards, except when the system's clock was
// set back by more than ten seconds. Thread-safe.
class EngineClock
{
public:
    TimePoint now()
    {
        const std::int64_t wall = toEpochMs(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
        std::int64_t last = m_last.load();
        for (;;) {
            const std::int64_t told = wall < last - maxFreezeMs ? wall : std::max(wall, last);
            if (m_last.compare_exchange_weak(last, told))
                return fromEpochMs(told);
        }
    }

private:
    static constexpr std::int64_t maxFreezeMs = 10'000;

    std::atomic<std::int64_t> m_last = 0;
};

}  // namespace headgate
