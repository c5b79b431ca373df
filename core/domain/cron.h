#pragma once

#include "core/base/result.h"
#include "core/domain/calendar.h"

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// A Quartz expression: seconds, minutes, hours, day of month, month, day of week (1 = Sunday) and, if it is there,
// year. One of the two days is "?". Knows ranges, lists, steps, names, L, W and #. It has one value for the seconds, so
// that it comes due once a minute at most.
class CronExpression
{
public:
    // InvalidArgument naming the field. At most 999 characters.
    static Result<CronExpression> parse(std::string_view text);

    const std::string& text() const { return m_text; }
    bool matchesDay(LocalDay day) const;

    // The time of day it comes due at or after (before: at or before) `clock`.
    std::optional<seconds> atOrAfter(seconds clock) const;
    std::optional<seconds> atOrBefore(seconds clock) const;

    // On the wall, so without a zone. None beyond the planned years.
    std::optional<LocalTime> atOrAfter(LocalTime time) const;
    std::optional<LocalTime> atOrBefore(LocalTime time) const;

    bool operator==(const CronExpression& other) const { return m_text == other.m_text; }

private:
    friend class CronReader;

    struct NthDay
    {
        int weekday;  // 0 = Sunday
        int ordinal;  // 1 to 5; -1: the last
    };

    std::string m_text;
    int m_second = 0;
    std::bitset<60> m_minutes;
    std::bitset<24> m_hours;
    std::bitset<13> m_months;
    std::bitset<lastPlannedYear - firstPlannedYear + 1> m_years;
    bool m_isByWeekday = false;
    std::bitset<32> m_daysOfMonth;
    std::vector<int> m_daysFromEnd;      // "L" is 0, "L-3" is 3
    std::vector<int> m_nearestWeekdays;  // "15W"; "LW" is 0
    std::bitset<7> m_weekdays;
    std::vector<NthDay> m_nthWeekdays;
};

}  // namespace headgate
