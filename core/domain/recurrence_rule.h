#pragma once

#include "core/domain/calendar.h"

#include <optional>
#include <variant>
#include <vector>

namespace headgate {

enum class Frequency
{
    Daily,
    Weekly,
    Monthly,
    Yearly
};

// "MO", "2SU", "-1FR".
struct NthWeekday
{
    int ordinal = 0;  // 0: each; -1: the last
    std::chrono::weekday day;

    bool operator==(const NthWeekday&) const = default;
};

// The last occurrence at most: a day, a time on the wall of the schedule's zone, or an instant.
using Until = std::variant<LocalDay, LocalTime, Instant>;

// RFC 5545 section 3.3.10 with the parts that choose days; times of day come from the start of the schedule.
struct RecurrenceRule
{
    Frequency frequency = Frequency::Daily;
    int interval = 1;               // 1 to 1000
    std::vector<NthWeekday> byDay;  // ordinals with Monthly and Yearly only
    std::vector<int> byMonthDay;    // 1 to 31, -1 to -31; not with Weekly
    std::vector<int> byMonth;       // 1 to 12
    std::vector<int> bySetPosition;
    std::chrono::weekday weekStart = std::chrono::Monday;
    std::optional<int> count;  // 1 to 10000; not together with until
    std::optional<Until> until;

    bool operator==(const RecurrenceRule&) const = default;
};

}  // namespace headgate
