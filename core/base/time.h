#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace headgate {

// Instants are UTC milliseconds since 1970-01-01T00:00:00Z (POSIX time, no leap seconds). The logic never reads a
// clock: instants are arguments.
using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::sys_time<Duration>;

constexpr std::int64_t toEpochMs(TimePoint t)
{
    return t.time_since_epoch().count();
}

constexpr TimePoint fromEpochMs(std::int64_t ms)
{
    return TimePoint(Duration(ms));
}

// RFC 3339 in UTC with milliseconds: "2027-06-26T18:42:18.250Z".
std::string toRfc3339(TimePoint t);

}  // namespace headgate
