#include "core/plan/cron_recurrence.h"

#include "core/plan/recurrence.h"

#include <map>
#include <set>
#include <string>

namespace headgate {
namespace {

namespace chrono = std::chrono;

// After 28 years the calendar repeats, leap days and weekdays alike, until a century leaves one out.
constexpr int calendarCycle = 28;
constexpr chrono::year cycleStart{2000};

LocalDay newYear(chrono::year year)
{
    return LocalDay(year / 1 / 1);
}

// Which months, days and weekdays some days have.
struct DayTraits
{
    std::set<int> months, daysOfMonth, daysFromEnd, weekdays;
    std::set<std::pair<int, int>> nthWeekdays;  // ordinal, weekday
    bool areAllLast = true;                     // each is the last one of its weekday in the month

    void add(LocalDay day)
    {
        const chrono::year_month_day date(day);
        const auto last = chrono::year_month_day_last(date.year(), chrono::month_day_last(date.month())).day();
        const int number = static_cast<int>(static_cast<unsigned>(date.day()));
        const int fromEnd = static_cast<int>(static_cast<unsigned>(last)) - number;
        const int weekday = static_cast<int>(chrono::weekday(day).c_encoding());
        months.insert(static_cast<int>(static_cast<unsigned>(date.month())));
        daysOfMonth.insert(number);
        daysFromEnd.insert(fromEnd);
        weekdays.insert(weekday);
        nthWeekdays.insert({(number - 1) / 7 + 1, weekday});
        areAllLast = areAllLast && fromEnd < 7;
    }
};

std::vector<int> listUnlessAll(const std::set<int>& values, std::size_t all)
{
    return values.size() == all ? std::vector<int>() : std::vector<int>(values.begin(), values.end());
}

// Rules that may be the one: by weekdays and days of the month, by days from its end, by the n-th weekdays.
std::vector<RecurrenceRule> candidateRules(const DayTraits& traits)
{
    RecurrenceRule plain;
    plain.byMonth = listUnlessAll(traits.months, 12);
    RecurrenceRule fromEnd = plain, nth = plain, last = plain;
    plain.byMonthDay = listUnlessAll(traits.daysOfMonth, 31);
    for (int weekday : listUnlessAll(traits.weekdays, 7))
        plain.byDay.push_back({0, chrono::weekday(static_cast<unsigned>(weekday))});
    if (!plain.byMonthDay.empty())
        plain.frequency = Frequency::Monthly;
    else if (plain.byMonth.empty() && !plain.byDay.empty())
        plain.frequency = Frequency::Weekly;
    fromEnd.frequency = nth.frequency = last.frequency = Frequency::Monthly;
    for (int days : traits.daysFromEnd)
        fromEnd.byMonthDay.push_back(-1 - days);
    for (const auto& [ordinal, weekday] : traits.nthWeekdays)
        nth.byDay.push_back({ordinal, chrono::weekday(static_cast<unsigned>(weekday))});
    for (int weekday : traits.weekdays)
        last.byDay.push_back({-1, chrono::weekday(static_cast<unsigned>(weekday))});
    std::vector<RecurrenceRule> rules = {fromEnd, nth, plain};
    if (traits.areAllLast)
        rules.insert(rules.begin(), last);
    if (plain.byDay.empty() || plain.byMonthDay.empty())
        rules.insert(rules.begin(), plain);
    return rules;
}

std::string listText(const std::set<int>& values, std::size_t all, int shift = 0)
{
    std::string text;
    for (int value : values)
        text += (text.empty() ? "" : ",") + std::to_string(value + shift);
    return values.size() == all ? "*" : text;
}

// "day of month, month, day of week" of the same candidates. Quartz counts weekdays from 1.
std::vector<std::string> candidateDays(const DayTraits& traits)
{
    const std::string months = " " + listText(traits.months, 12) + " ";
    std::vector<std::string> days = {"?" + months + listText(traits.weekdays, 7, 1),
                                     listText(traits.daysOfMonth, 31) + months + "?"};
    std::string fromEnd, nth, last;
    for (int each : traits.daysFromEnd)
        fromEnd += (fromEnd.empty() ? "L" : ",L") + (each == 0 ? std::string() : "-" + std::to_string(each));
    for (const auto& [ordinal, weekday] : traits.nthWeekdays)
        nth += (nth.empty() ? "" : ",") + std::to_string(weekday + 1) + "#" + std::to_string(ordinal);
    for (int weekday : traits.weekdays)
        last += (last.empty() ? "" : ",") + std::to_string(weekday + 1) + "L";
    days.push_back(fromEnd + months + "?");
    days.push_back("?" + months + last);
    days.push_back("?" + months + nth);
    return days;
}

// In a cycle from `start` on.
bool haveSameDays(const CronExpression& cron, const RecurrenceRule& rule, LocalDay start)
{
    RecurrenceDays walk(rule, start, start);
    auto next = walk.next();
    const LocalDay end = start + chrono::days(365 * calendarCycle + calendarCycle / 4);
    for (LocalDay day = start; day < end; day += chrono::days(1)) {
        const bool isOfRule = next == day;
        if (cron.matchesDay(day) != isOfRule)
            return false;
        if (isOfRule)
            next = walk.next();
    }
    return true;
}

// Years are all in an expression or not, so that one day of each tells.
bool isForAllYears(const CronExpression& cron)
{
    std::map<std::pair<bool, unsigned>, chrono::days> matches;  // into the year, by leap year and weekday of its start
    const auto kindOf = [](chrono::year year) {
        return std::pair(year.is_leap(), chrono::weekday(newYear(year)).c_encoding());
    };
    for (chrono::year year = cycleStart; year < cycleStart + chrono::years(calendarCycle); ++year) {
        for (LocalDay day = newYear(year); day < newYear(year + chrono::years(1)); day += chrono::days(1)) {
            if (cron.matchesDay(day)) {
                matches.emplace(kindOf(year), day - newYear(year));
                break;
            }
        }
    }
    for (chrono::year year(firstPlannedYear); year <= chrono::year(lastPlannedYear); ++year) {
        const auto match = matches.find(kindOf(year));
        if (match != matches.end() && !cron.matchesDay(newYear(year) + match->second))
            return false;
    }
    return true;
}

std::string clockFields(seconds clock)
{
    const chrono::hh_mm_ss<seconds> fields(clock);
    return std::to_string(fields.seconds().count()) + " " + std::to_string(fields.minutes().count()) + " " +
           std::to_string(fields.hours().count()) + " ";
}

}  // namespace

std::optional<CronRecurrence> recurrenceOf(const CronExpression& cron)
{
    const auto clock = cron.atOrAfter(seconds(0));
    if (!clock || cron.atOrAfter(*clock + seconds(1)))
        return {};
    DayTraits traits;
    const LocalDay start = newYear(cycleStart);
    for (LocalDay day = start; day < newYear(cycleStart + chrono::years(calendarCycle)); day += chrono::days(1)) {
        if (cron.matchesDay(day))
            traits.add(day);
    }
    if (traits.months.empty() || !isForAllYears(cron))
        return {};
    for (const RecurrenceRule& rule : candidateRules(traits)) {
        if (haveSameDays(cron, rule, start))
            return CronRecurrence{*clock, rule};
    }
    return {};
}

std::optional<CronExpression> cronOf(const CalendarTiming& timing)
{
    if (!timing.extraStarts.empty() || !timing.removedStarts.empty())
        return {};
    const LocalDay start = dayOf(timing.start);
    const std::string clock = clockFields(timeOfDay(timing.start));
    if (!timing.rule) {
        const chrono::year_month_day date(start);
        const auto single = CronExpression::parse(clock + std::to_string(static_cast<unsigned>(date.day())) + " " +
                                                  std::to_string(static_cast<unsigned>(date.month())) + " ? " +
                                                  std::to_string(static_cast<int>(date.year())));
        return single ? std::optional(*single) : std::nullopt;
    }
    if (timing.rule->count || timing.rule->until)
        return {};
    DayTraits traits;
    RecurrenceDays walk(*timing.rule, start, start);
    const LocalDay end = start + chrono::days(366 * calendarCycle);
    for (auto day = walk.next(); day && *day < end; day = walk.next())
        traits.add(*day);
    if (traits.months.empty())
        return {};
    for (const std::string& days : candidateDays(traits)) {
        const auto cron = CronExpression::parse(clock + days + " *");
        if (cron && haveSameDays(*cron, *timing.rule, start))
            return *cron;
    }
    return {};
}

}  // namespace headgate
