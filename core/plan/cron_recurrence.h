#pragma once

#include "core/domain/plan_document.h"

#include <optional>

// The two ways to write down when windows begin, one in words of the other where both mean exactly the same.
namespace headgate {

struct CronRecurrence
{
    seconds clock{0};  // time of day
    RecurrenceRule rule;
};

// None if the expression comes due at several times of a day, or if no rule names its days of all planned years.
// Takes about a millisecond.
std::optional<CronRecurrence> recurrenceOf(const CronExpression& cron);

// The starts of `timing`, from its first one on; before, the expression may come due as well. None if the timing has
// more or fewer starts than a rule without an end, or one alone.
std::optional<CronExpression> cronOf(const CalendarTiming& timing);

}  // namespace headgate
