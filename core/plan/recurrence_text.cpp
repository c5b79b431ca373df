#include "core/plan/plan_text.h"
#include "core/plan/recurrence.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace headgate {
namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 4> frequencyWords = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
constexpr std::array<std::string_view, 7> weekdayWords = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

// Each day that a rule passes over is compared with all that it lists.
constexpr std::size_t mostListed = 366;

tl::unexpected<Error> wrong(std::string_view part, std::string_view value, std::string_view wanted)
{
    constexpr std::size_t mostShown = 100;
    const std::string shown = std::string(value.substr(0, mostShown)) + (value.size() > mostShown ? "..." : "");
    return fail(ErrorCode::InvalidArgument,
                std::string(part) + "=" + shown + " is wrong: " + std::string(wanted) + ".");
}

tl::unexpected<Error> tooMany(std::string_view part, std::string_view value)
{
    return wrong(part, value, "it lists " + std::to_string(mostListed) + " at most");
}

std::optional<int> wholeNumber(std::string_view text)
{
    int number = 0;
    if (!text.empty() && text.front() == '+')
        text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(separator, start), text.size());
        parts.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

std::optional<chrono::weekday> weekdayOf(std::string_view word)
{
    const auto found = std::ranges::find(weekdayWords, word);
    if (found == weekdayWords.end())
        return {};
    return chrono::weekday(static_cast<unsigned>(found - weekdayWords.begin()));
}

class RuleReader
{
public:
    Result<RecurrenceRule> read(std::string_view text)
    {
        std::vector<std::string_view> names;
        for (std::string_view part : split(text, ';')) {
            const auto equals = part.find('=');
            if (equals == std::string_view::npos)
                return fail(ErrorCode::InvalidArgument, "\"" + std::string(part) + "\" is no part of a recurrence.",
                            "Write parts as NAME=VALUE with ; in between, beginning with FREQ.");
            const std::string_view name = part.substr(0, equals);
            if (std::ranges::count(names, name) > 0)
                return fail(ErrorCode::InvalidArgument, std::string(name) + " stands twice.");
            names.push_back(name);
            if (auto taken = take(name, part.substr(equals + 1)); !taken)
                return tl::unexpected(taken.error());
        }
        if (std::ranges::count(names, "FREQ") == 0)
            return fail(ErrorCode::InvalidArgument, "The recurrence has no FREQ.");
        return checked();
    }

private:
    Result<void> take(std::string_view name, std::string_view value)
    {
        if (name == "FREQ")
            return takeFrequency(value);
        if (name == "INTERVAL")
            return takeNumber(name, value, 1000, m_rule.interval);
        if (name == "COUNT")
            return takeNumber(name, value, 10'000, m_rule.count.emplace());
        if (name == "UNTIL")
            return takeUntil(value);
        if (name == "WKST")
            return takeWeekStart(value);
        if (name == "BYDAY")
            return takeWeekdays(value);
        if (name == "BYMONTHDAY")
            return takeList(name, value, {-31, 31}, m_rule.byMonthDay);
        if (name == "BYMONTH")
            return takeList(name, value, {1, 12}, m_rule.byMonth);
        if (name == "BYSETPOS")
            return takeList(name, value, {-366, 366}, m_rule.bySetPosition);
        return fail(ErrorCode::InvalidArgument, std::string(name) + " is not understood in a recurrence.",
                    "Use FREQ, INTERVAL, COUNT, UNTIL, WKST, BYDAY, BYMONTHDAY, BYMONTH and BYSETPOS.");
    }

    Result<void> takeFrequency(std::string_view value)
    {
        const auto found = std::ranges::find(frequencyWords, value);
        if (found == frequencyWords.end())
            return wrong("FREQ", value, "use DAILY, WEEKLY, MONTHLY or YEARLY");
        m_rule.frequency = static_cast<Frequency>(found - frequencyWords.begin());
        return {};
    }

    static Result<void> takeNumber(std::string_view name, std::string_view value, int most, int& out)
    {
        const auto number = wholeNumber(value);
        if (!number || *number < 1 || *number > most)
            return wrong(name, value, "it is a number from 1 to " + std::to_string(most));
        out = *number;
        return {};
    }

    struct Range
    {
        int least, most;
    };

    static Result<void> takeList(std::string_view name, std::string_view value, Range range, std::vector<int>& out)
    {
        const auto words = split(value, ',');
        if (words.size() > mostListed)
            return tooMany(name, value);
        for (std::string_view word : words) {
            const auto number = wholeNumber(word);
            if (!number || *number == 0 || *number < range.least || *number > range.most)
                return wrong(name, value,
                             "it lists numbers from " + std::to_string(range.least) + " to " +
                                 std::to_string(range.most) + " without 0");
            out.push_back(*number);
        }
        return {};
    }

    Result<void> takeUntil(std::string_view value)
    {
        auto until = untilFromText(value);
        if (!until)
            return wrong("UNTIL", value, "write 20271231, 20271231T200000 or 20271231T190000Z");
        m_rule.until = *until;
        return {};
    }

    static std::optional<Until> untilFromText(std::string_view value)
    {
        if (const auto day = basicDay(value))
            return Until(*day);
        const bool isInstant = value.ends_with('Z');
        const auto local = basicLocalTime(isInstant ? value.substr(0, value.size() - 1) : value);
        if (!local)
            return {};
        return isInstant ? Until(Instant(local->time_since_epoch())) : Until(*local);
    }

    Result<void> takeWeekStart(std::string_view value)
    {
        const auto day = weekdayOf(value);
        if (!day)
            return wrong("WKST", value, "use MO, TU, WE, TH, FR, SA or SU");
        m_rule.weekStart = *day;
        return {};
    }

    Result<void> takeWeekdays(std::string_view value)
    {
        const auto words = split(value, ',');
        if (words.size() > mostListed)
            return tooMany("BYDAY", value);
        for (std::string_view word : words) {
            const auto day = word.size() >= 2 ? weekdayOf(word.substr(word.size() - 2)) : std::nullopt;
            const auto ordinal = word.size() > 2 ? wholeNumber(word.substr(0, word.size() - 2)) : std::optional(0);
            if (!day || !ordinal || *ordinal < -53 || *ordinal > 53 || (word.size() > 2 && *ordinal == 0))
                return wrong("BYDAY", value, "it lists days like MO, 2SU or -1FR");
            m_rule.byDay.push_back({*ordinal, *day});
        }
        return {};
    }

    Result<RecurrenceRule> checked() const
    {
        const bool hasOrdinals = std::ranges::any_of(m_rule.byDay, [](const auto& day) { return day.ordinal != 0; });
        const bool isShort = m_rule.frequency == Frequency::Daily || m_rule.frequency == Frequency::Weekly;
        if (hasOrdinals && isShort)
            return fail(ErrorCode::InvalidArgument, "BYDAY has numbers, which only a month or a year can count.");
        if (m_rule.frequency == Frequency::Weekly && !m_rule.byMonthDay.empty())
            return fail(ErrorCode::InvalidArgument, "BYMONTHDAY does not go with FREQ=WEEKLY.");
        if (m_rule.count && m_rule.until)
            return fail(ErrorCode::InvalidArgument, "COUNT and UNTIL do not go together.", "Leave one of them out.");
        if (!m_rule.bySetPosition.empty() && m_rule.byDay.empty() && m_rule.byMonthDay.empty() &&
            m_rule.byMonth.empty())
            return fail(ErrorCode::InvalidArgument, "BYSETPOS has nothing to choose from.",
                        "Add BYDAY, BYMONTHDAY or BYMONTH.");
        return m_rule;
    }

    RecurrenceRule m_rule;
};

std::string listText(const char* name, const std::vector<int>& numbers)
{
    std::string text;
    for (int number : numbers)
        text += (text.empty() ? std::string(name) : ",") + std::to_string(number);
    return text;
}

std::string untilText(const Until& until)
{
    if (const auto* day = std::get_if<LocalDay>(&until))
        return basicText(*day);
    if (const auto* local = std::get_if<LocalTime>(&until))
        return basicText(*local);
    return basicText(LocalTime(std::get<Instant>(until).time_since_epoch())) + "Z";
}

}  // namespace

Result<RecurrenceRule> recurrenceFromText(std::string_view text)
{
    return RuleReader().read(text);
}

std::string toText(const RecurrenceRule& rule)
{
    std::string text = "FREQ=" + std::string(frequencyWords[static_cast<std::size_t>(rule.frequency)]);
    if (rule.interval != 1)
        text += ";INTERVAL=" + std::to_string(rule.interval);
    text += listText(";BYMONTH=", rule.byMonth) + listText(";BYMONTHDAY=", rule.byMonthDay);
    std::string days;
    for (const NthWeekday& day : rule.byDay) {
        days += days.empty() ? ";BYDAY=" : ",";
        days += (day.ordinal == 0 ? "" : std::to_string(day.ordinal));
        days += weekdayWords[day.day.c_encoding()];
    }
    text += days + listText(";BYSETPOS=", rule.bySetPosition);
    if (rule.weekStart != chrono::Monday)
        text += ";WKST=" + std::string(weekdayWords[rule.weekStart.c_encoding()]);
    if (rule.count)
        text += ";COUNT=" + std::to_string(*rule.count);
    if (rule.until)
        text += ";UNTIL=" + untilText(*rule.until);
    return text;
}

}  // namespace headgate
