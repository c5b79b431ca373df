#pragma once

#include <chrono>
#include <cstdint>

namespace headgate {

// What this process uses, as the system tells it (proc(5)). 0 where it does not. Any thread.
struct ProcessFigures
{
    std::int64_t residentBytes = 0;
    std::chrono::microseconds processorTime{0};  // of user and system, since it began
    std::int64_t openFiles = 0;
    std::int64_t mostOpenFiles = 0;

    static ProcessFigures now();
};

}  // namespace headgate
