#pragma once

#include "core/base/result.h"
#include "core/plan/calendar.h"

#include <optional>
#include <string>
#include <string_view>
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

// "FREQ=WEEKLY;BYDAY=MO,WE". InvalidArgument naming the part that is wrong.
Result<RecurrenceRule> recurrenceFromText(std::string_view text);
std::string toText(const RecurrenceRule& rule);

// The days of a rule in ascending order, regardless of its end (count, until). The start is one of them only if it
// matches the rule. Costs about 10 ns for each day passed over.
class RecurrenceDays
{
public:
    // Days before `from` are left out; the steps of the interval are counted from `start`.
    RecurrenceDays(const RecurrenceRule& rule, LocalDay start, LocalDay from);

    // None after the planned years.
    std::optional<LocalDay> next();

private:
    struct Period
    {
        LocalDay first;
        LocalDay end;
    };
    Period period(int index) const;
    bool matches(LocalDay day) const;
    bool matchesWeekday(LocalDay day, const std::chrono::year_month_day& date) const;
    void fill(const Period& period);

    const RecurrenceRule& m_rule;
    LocalDay m_start;
    LocalDay m_from;
    int m_index = 0;  // of the next period, in steps of the interval
    std::vector<LocalDay> m_days;
    std::size_t m_next = 0;
};

}  // namespace headgate
