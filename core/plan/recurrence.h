#pragma once

#include "core/base/result.h"
#include "core/domain/recurrence_rule.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

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
