#pragma once

#include "core/media/net/event_loop.h"

#include <functional>

namespace headgate::tests {

// Turns the loop until the condition holds; false if it does not within the time.
inline bool waitFor(EventLoop& loop, const std::function<bool()>& condition, Duration longest = Duration(15'000))
{
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        loop.runOnce(Duration(10));
    }
    return true;
}

// Turns the loop for that long: for what must not happen.
inline void turnFor(EventLoop& loop, Duration time)
{
    waitFor(
        loop, [] { return false; }, time);
}

}  // namespace headgate::tests
