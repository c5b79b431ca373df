#pragma once

#include <atomic>
#include <cstdint>

namespace headgate {

// What came from nodes since the start. Any thread.
struct NodeTraffic
{
    std::atomic<int> connected = 0;  // nodes now
    std::atomic<std::uint64_t> hellos = 0;
    std::atomic<std::uint64_t> heartbeats = 0;
    std::atomic<std::uint64_t> bytes = 0;  // of messages
};

}  // namespace headgate
