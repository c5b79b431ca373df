#include "core/wire/calendar_zone.h"

#include "core/plan/plan_text.h"
#include "core/plan/recurrence.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace headgate {
namespace {

namespace chrono = std::chrono;

// One change of the offset as the clock before it shows it.
struct Change
{
    LocalTime wall;

    chrono::year_month_day date() const { return chrono::year_month_day(dayOf(wall)); }
    int dayOfMonth() const { return static_cast<int>(static_cast<unsigned>(date().day())); }
    chrono::weekday weekday() const { return chrono::weekday(dayOf(wall)); }

    bool isOfOneRuleWith(const Change& other) const
    {
        return date().month() == other.date().month() && weekday() == other.weekday() &&
               timeOfDay(wall) == timeOfDay(other.wall);
    }
};

// From the first offset to the second one.
using Offsets = std::pair<seconds, seconds>;

std::string offsetText(seconds offset)
{
    const auto total = std::abs(static_cast<int>(offset.count()));
    const LocalTime clock{seconds(total)};
    const std::string text = basicText(clock).substr(9);
    return (offset < seconds(0) ? "-" : "+") + (total % 60 == 0 ? text.substr(0, 4) : text);
}

// The weekday within seven days of the month, from `firstDay` on.
RecurrenceRule yearlyRule(const Change& change, int firstDay)
{
    RecurrenceRule rule;
    rule.frequency = Frequency::Yearly;
    rule.byMonth = {static_cast<int>(static_cast<unsigned>(change.date().month()))};
    const auto month = change.date().month();
    const auto length = chrono::year_month_day_last(change.date().year(), chrono::month_day_last(month)).day();
    int ordinal = (firstDay - 1) % 7 == 0 && firstDay <= 22 ? (firstDay - 1) / 7 + 1 : 0;
    if (month != chrono::February && firstDay + 6 == static_cast<int>(static_cast<unsigned>(length)))
        ordinal = -1;
    rule.byDay = {{ordinal, change.weekday()}};
    for (int day = firstDay; ordinal == 0 && day < firstDay + 7; ++day)
        rule.byMonthDay.push_back(day);
    return rule;
}

// How many changes at the end go by one rule, each year until planning ends; 0 for fewer than make a rule sure.
std::size_t ruledTail(const std::vector<Change>& changes, int& firstDay)
{
    constexpr std::size_t fewest = 28;
    const int lastYear = changes.empty() ? 0 : static_cast<int>(changes.back().date().year());
    if (lastYear < lastPlannedYear)
        return 0;
    int lowest = changes.back().dayOfMonth(), highest = lowest;
    std::size_t size = 0;
    for (auto each = changes.rbegin(); each != changes.rend(); ++each, ++size) {
        const bool isNextYear = static_cast<int>(each->date().year()) == lastYear - static_cast<int>(size);
        const int low = std::min(lowest, each->dayOfMonth()), high = std::max(highest, each->dayOfMonth());
        if (!isNextYear || !each->isOfOneRuleWith(changes.back()) || high - low > 6)
            break;
        lowest = low;
        highest = high;
    }
    firstDay = lowest;
    return size < fewest || highest - lowest != 6 ? 0 : size;
}

void addObservance(CalendarText& calendar, const Offsets& offsets, const std::vector<LocalTime>& times,
                   const std::optional<RecurrenceRule>& rule)
{
    const char* kind = offsets.second > offsets.first ? "DAYLIGHT" : "STANDARD";
    calendar.add("BEGIN", kind);
    calendar.add("DTSTART", basicText(times.front()));
    calendar.add("TZOFFSETFROM", offsetText(offsets.first));
    calendar.add("TZOFFSETTO", offsetText(offsets.second));
    if (rule)
        calendar.add("RRULE", toText(*rule));
    std::string more;
    for (std::size_t i = 1; i < times.size(); ++i)
        more += (i == 1 ? "" : ",") + basicText(times[i]);
    if (!more.empty())
        calendar.add("RDATE", more);
    calendar.add("END", kind);
}

}  // namespace

void addTimeZone(CalendarText& calendar, const ZoneRules& zone, Instant from)
{
    const auto year = chrono::year_month_day(chrono::floor<chrono::days>(from)).year();
    const Instant begin = chrono::sys_days(year / 1 / 1) - chrono::days(1);
    std::map<Offsets, std::vector<Change>> changes;
    seconds offset = zone.offsetAt(begin);
    calendar.add("BEGIN", "VTIMEZONE");
    calendar.add("TZID", zone.name());
    addObservance(calendar, {offset, offset}, {LocalTime((begin + offset).time_since_epoch())}, {});
    for (const ZoneRules::Transition& transition : zone.transitions()) {
        if (transition.at <= begin || transition.offset == offset)
            continue;
        changes[{offset, transition.offset}].push_back({LocalTime((transition.at + offset).time_since_epoch())});
        offset = transition.offset;
    }
    for (const auto& [offsets, each] : changes) {
        int firstDay = 0;
        const std::size_t ruled = ruledTail(each, firstDay);
        std::vector<LocalTime> single;
        for (std::size_t i = 0; i < each.size() - ruled; ++i)
            single.push_back(each[i].wall);
        if (!single.empty())
            addObservance(calendar, offsets, single, {});
        if (ruled > 0)
            addObservance(calendar, offsets, {each[each.size() - ruled].wall}, yearlyRule(each.back(), firstDay));
    }
    calendar.add("END", "VTIMEZONE");
}

}  // namespace headgate
