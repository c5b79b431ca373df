#include "core/plan/recurrence.h"

#include <algorithm>

namespace headgate {
namespace {

namespace chrono = std::chrono;
using chrono::days;

int weeksInto(int dayNumber)
{
    return dayNumber / 7;
}

// `ordinal`-th of its weekday between the two ends of a month or year, the second one excluded.
bool isNth(LocalDay day, int ordinal, LocalDay first, LocalDay end)
{
    if (ordinal > 0)
        return weeksInto(static_cast<int>((day - first).count())) == ordinal - 1;
    return weeksInto(static_cast<int>((end - day).count()) - 1) == -ordinal - 1;
}

LocalDay monthStart(chrono::year_month month)
{
    return LocalDay(month / 1);
}

}  // namespace

RecurrenceDays::RecurrenceDays(const RecurrenceRule& rule, LocalDay start, LocalDay from)
    : m_rule(rule), m_start(start), m_from(std::max(start, from))
{
    // The period of `from`, or one before it: which one exactly does not matter, fill() leaves out what is too early.
    const chrono::year_month_day a(m_start), b(m_from);
    int passed = 0;
    switch (rule.frequency) {
    case Frequency::Daily:
        passed = static_cast<int>((m_from - m_start).count());
        break;
    case Frequency::Weekly:
        passed = static_cast<int>((m_from - m_start).count()) / 7;
        break;
    case Frequency::Monthly:
        passed = static_cast<int>(
            (chrono::year_month(b.year(), b.month()) - chrono::year_month(a.year(), a.month())).count());
        break;
    case Frequency::Yearly:
        passed = static_cast<int>(b.year()) - static_cast<int>(a.year());
        break;
    }
    m_index = passed / rule.interval;
}

RecurrenceDays::Period RecurrenceDays::period(int index) const
{
    const int steps = index * m_rule.interval;
    const chrono::year_month_day date(m_start);
    switch (m_rule.frequency) {
    case Frequency::Daily:
        return {m_start + days(steps), m_start + days(steps + 1)};
    case Frequency::Weekly: {
        const LocalDay week = m_start - (chrono::weekday(m_start) - m_rule.weekStart) + days(7 * steps);
        return {week, week + days(7)};
    }
    case Frequency::Monthly: {
        const auto month = chrono::year_month(date.year(), date.month()) + chrono::months(steps);
        return {monthStart(month), monthStart(month + chrono::months(1))};
    }
    case Frequency::Yearly:
        break;
    }
    const chrono::year year = date.year() + chrono::years(steps);
    return {LocalDay(year / 1 / 1), LocalDay((year + chrono::years(1)) / 1 / 1)};
}

std::optional<LocalDay> RecurrenceDays::next()
{
    while (m_next == m_days.size()) {
        const Period next = period(m_index++);
        if (next.first >= endOfPlanning)
            return {};
        fill(next);
    }
    const LocalDay day = m_days[m_next++];
    return day < endOfPlanning ? std::optional(day) : std::nullopt;
}

void RecurrenceDays::fill(const Period& period)
{
    m_days.clear();
    m_next = 0;
    for (LocalDay day = period.first; day < period.end; day += days(1)) {
        if (matches(day))
            m_days.push_back(day);
    }
    if (!m_rule.bySetPosition.empty()) {
        std::vector<LocalDay> chosen;
        const int size = static_cast<int>(m_days.size());
        for (int i = 0; i < size; ++i) {
            const auto& positions = m_rule.bySetPosition;
            if (std::ranges::count(positions, i + 1) > 0 || std::ranges::count(positions, i - size) > 0)
                chosen.push_back(m_days[static_cast<std::size_t>(i)]);
        }
        m_days = std::move(chosen);
    }
    std::erase_if(m_days, [&](LocalDay day) { return day < m_from; });
}

// Each period is looked at day by day, so that the parts that "expand" and those that "limit" (the table of RFC 5545
// section 3.3.10) are the same question: is this a day of the rule?
bool RecurrenceDays::matches(LocalDay day) const
{
    const chrono::year_month_day date(day);
    const int month = static_cast<int>(static_cast<unsigned>(date.month()));
    if (!m_rule.byMonth.empty() && std::ranges::count(m_rule.byMonth, month) == 0)
        return false;
    if (!m_rule.byMonthDay.empty()) {
        const int number = static_cast<int>(static_cast<unsigned>(date.day()));
        const auto last = chrono::year_month_day_last(date.year(), chrono::month_day_last(date.month())).day();
        const int fromEnd = number - static_cast<int>(static_cast<unsigned>(last)) - 1;
        if (std::ranges::count(m_rule.byMonthDay, number) + std::ranges::count(m_rule.byMonthDay, fromEnd) == 0)
            return false;
    }
    if (!m_rule.byDay.empty())
        return matchesWeekday(day, date);
    if (!m_rule.byMonthDay.empty() || m_rule.frequency == Frequency::Daily)
        return true;
    // What the rule leaves open is as in the start.
    const chrono::year_month_day start(m_start);
    if (m_rule.frequency == Frequency::Weekly)
        return chrono::weekday(day) == chrono::weekday(m_start);
    const bool isMonthFree = m_rule.frequency == Frequency::Monthly || !m_rule.byMonth.empty();
    return date.day() == start.day() && (isMonthFree || date.month() == start.month());
}

bool RecurrenceDays::matchesWeekday(LocalDay day, const chrono::year_month_day& date) const
{
    const bool isByMonth = m_rule.frequency == Frequency::Monthly || !m_rule.byMonth.empty();
    const chrono::year_month month(date.year(), date.month());
    for (const NthWeekday& wanted : m_rule.byDay) {
        if (chrono::weekday(day) != wanted.day)
            continue;
        if (wanted.ordinal == 0)
            return true;
        const LocalDay first = isByMonth ? monthStart(month) : LocalDay(date.year() / 1 / 1);
        const LocalDay end =
            isByMonth ? monthStart(month + chrono::months(1)) : LocalDay((date.year() + chrono::years(1)) / 1 / 1);
        if (isNth(day, wanted.ordinal, first, end))
            return true;
    }
    return false;
}

}  // namespace headgate
