#include "core/domain/cron.h"

#include <algorithm>

namespace headgate {
namespace {

namespace chrono = std::chrono;
using chrono::days;

int dayOfWeek(LocalDay day)
{
    return static_cast<int>(chrono::weekday(day).c_encoding());
}

// The Monday to Friday closest to `day` of the month that ends with `last` ("15W" of Quartz: it does not leave the
// month).
int nearestWeekday(LocalDay first, int day, int last)
{
    const int weekday = dayOfWeek(first + days(day - 1));
    if (weekday == 6)
        return day == 1 ? 3 : day - 1;
    if (weekday == 0)
        return day == last ? day - 2 : day + 1;
    return day;
}

}  // namespace

bool CronExpression::matchesDay(LocalDay day) const
{
    const chrono::year_month_day date(day);
    const int year = static_cast<int>(date.year());
    if (year < firstPlannedYear || year > lastPlannedYear)
        return false;
    if (!m_years[static_cast<std::size_t>(year - firstPlannedYear)] || !m_months[static_cast<unsigned>(date.month())])
        return false;
    const int number = static_cast<int>(static_cast<unsigned>(date.day()));
    const auto lastDay = chrono::year_month_day_last(date.year(), chrono::month_day_last(date.month())).day();
    const int last = static_cast<int>(static_cast<unsigned>(lastDay));
    if (m_isByWeekday) {
        const int weekday = dayOfWeek(day);
        return m_weekdays[static_cast<std::size_t>(weekday)] || std::ranges::any_of(m_nthWeekdays, [&](NthDay nth) {
                   return nth.weekday == weekday &&
                          (nth.ordinal < 0 ? number + 7 > last : (number - 1) / 7 == nth.ordinal - 1);
               });
    }
    if (m_daysOfMonth[static_cast<std::size_t>(number)] || std::ranges::count(m_daysFromEnd, last - number) > 0)
        return true;
    const LocalDay first = day - days(number - 1);
    return std::ranges::any_of(m_nearestWeekdays, [&](int wanted) {
        return wanted <= last && nearestWeekday(first, wanted == 0 ? last : wanted, last) == number;
    });
}

std::optional<seconds> CronExpression::atOrAfter(seconds clock) const
{
    const auto total = static_cast<int>(clock.count());
    // The first minute whose due second is not over yet.
    int minute = total <= m_second ? 0 : (total - m_second + 59) / 60;
    for (; minute < 24 * 60; ++minute) {
        if (!m_hours[static_cast<std::size_t>(minute / 60)])
            minute = (minute / 60 + 1) * 60 - 1;
        else if (m_minutes[static_cast<std::size_t>(minute % 60)])
            return seconds(minute * 60 + m_second);
    }
    return {};
}

std::optional<seconds> CronExpression::atOrBefore(seconds clock) const
{
    const auto total = static_cast<int>(clock.count());
    for (int minute = total < m_second ? -1 : (total - m_second) / 60; minute >= 0; --minute) {
        if (!m_hours[static_cast<std::size_t>(minute / 60)])
            minute = minute / 60 * 60;
        else if (m_minutes[static_cast<std::size_t>(minute % 60)])
            return seconds(minute * 60 + m_second);
    }
    return {};
}

std::optional<LocalTime> CronExpression::atOrAfter(LocalTime time) const
{
    seconds clock = timeOfDay(time);
    for (LocalDay day = dayOf(time); day < endOfPlanning; day += days(1), clock = seconds(0)) {
        const auto due = matchesDay(day) ? atOrAfter(clock) : std::nullopt;
        if (due)
            return day + *due;
    }
    return {};
}

std::optional<LocalTime> CronExpression::atOrBefore(LocalTime time) const
{
    constexpr LocalDay firstDay{LocalDay(chrono::year(firstPlannedYear) / 1 / 1)};
    seconds clock = timeOfDay(time);
    for (LocalDay day = dayOf(time); day >= firstDay; day -= days(1), clock = days(1) - seconds(1)) {
        const auto due = matchesDay(day) ? atOrBefore(clock) : std::nullopt;
        if (due)
            return day + *due;
    }
    return {};
}

}  // namespace headgate
