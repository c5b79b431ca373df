#include "core/domain/cron.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <span>

namespace headgate {
namespace {

constexpr std::array<std::string_view, 12> monthNames = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                         "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekdayNames = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field
{
    std::string_view name;
    int least, most;
    std::span<const std::string_view> names = {};  // of least, least + 1 ...
};

constexpr Field secondsField{"seconds", 0, 59};
constexpr Field minutesField{"minutes", 0, 59};
constexpr Field hoursField{"hours", 0, 23};
constexpr Field dayField{"day of month", 1, 31};
const Field monthField{"month", 1, 12, monthNames};
const Field weekdayField{"day of week", 1, 7, weekdayNames};
constexpr Field yearField{"year", firstPlannedYear, lastPlannedYear};

std::vector<std::string_view> split(std::string_view text, std::string_view separators)
{
    std::vector<std::string_view> parts;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find_first_of(separators, start), text.size());
        parts.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

std::optional<int> number(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool isWhole = error == std::errc() && end == text.data() + text.size() && value >= 0;
    return isWhole ? std::optional(value) : std::nullopt;
}

std::optional<int> valueOf(std::string_view word, const Field& field)
{
    const auto named = std::ranges::find(field.names, word);
    if (named != field.names.end())
        return field.least + static_cast<int>(named - field.names.begin());
    const auto value = number(word);
    return value && *value >= field.least && *value <= field.most ? value : std::nullopt;
}

// "*", "5", "MON-FRI", "0/15", "10-40/10". A range may go over the end: FRI-MON. False if it is none of these.
bool addValues(std::string_view word, const Field& field, std::vector<int>& values)
{
    const auto slash = word.find('/');
    const auto step = slash == std::string_view::npos ? std::optional(1) : number(word.substr(slash + 1));
    const std::string_view range = word.substr(0, slash);
    const int size = field.most - field.least + 1;
    if (!step || *step < 1 || *step > size)
        return false;
    std::optional<int> first = field.least, last = field.most;
    if (range != "*") {
        const auto dash = range.find('-');
        first = valueOf(range.substr(0, dash), field);
        if (dash != std::string_view::npos)
            last = valueOf(range.substr(dash + 1), field);
        else if (slash == std::string_view::npos)
            last = first;
    }
    if (!first || !last)
        return false;
    const int length = *last >= *first ? *last - *first : *last - *first + size;
    for (int i = 0; i <= length; i += *step)
        values.push_back(field.least + (*first - field.least + i) % size);
    return true;
}

}  // namespace

class CronReader
{
public:
    Result<CronExpression> read(std::string_view text)
    {
        std::string upper(text);
        std::ranges::transform(upper, upper.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        auto fields = split(upper, " \t");
        std::erase_if(fields, [](std::string_view field) { return field.empty(); });
        if (text.size() > 999 || fields.size() < 6 || fields.size() > 7)
            return fail(ErrorCode::InvalidArgument,
                        "The cron expression has " + std::to_string(fields.size()) +
                            " fields: it is seconds, minutes, hours, day of month, month, day of week and year.",
                        "Write it like \"0 0 20 ? * SAT *\".");
        m_cron.m_text = text;
        const std::string_view years = fields.size() == 7 ? fields[6] : "*";
        const bool isRead = takeSecond(fields[0]) && take(fields[1], minutesField, m_cron.m_minutes, 0) &&
                            take(fields[2], hoursField, m_cron.m_hours, 0) && takeDays(fields[3], fields[5]) &&
                            take(fields[4], monthField, m_cron.m_months, 0) &&
                            take(years, yearField, m_cron.m_years, firstPlannedYear);
        if (!isRead)
            return tl::unexpected(m_error);
        return m_cron;
    }

private:
    bool wrong(std::string_view field, std::string_view text, std::string remedy = {})
    {
        m_error = {ErrorCode::InvalidArgument,
                   "\"" + std::string(text) + "\" is wrong for the " + std::string(field) + " of a cron expression.",
                   std::move(remedy),
                   {}};
        return false;
    }

    template <std::size_t size>
    bool take(std::string_view text, const Field& field, std::bitset<size>& out, int base)
    {
        std::vector<int> values;
        for (std::string_view word : split(text, ",")) {
            if (!addValues(word, field, values))
                return wrong(field.name, text);
        }
        for (int value : values)
            out.set(static_cast<std::size_t>(value - base));
        return true;
    }

    bool takeSecond(std::string_view text)
    {
        const auto second = valueOf(text, secondsField);
        m_cron.m_second = second.value_or(0);
        return second
                   ? true
                   : wrong(secondsField.name, text,
                           "Name one second, for example 0: windows last a minute at least, so that more is no use.");
    }

    bool takeDays(std::string_view dayOfMonth, std::string_view dayOfWeek)
    {
        if ((dayOfMonth == "?") == (dayOfWeek == "?"))
            return wrong("days", std::string(dayOfMonth) + " ... " + std::string(dayOfWeek),
                         "Exactly one of day of month and day of week is \"?\".");
        m_cron.m_isByWeekday = dayOfMonth == "?";
        return m_cron.m_isByWeekday ? takeDaysOfWeek(dayOfWeek) : takeDaysOfMonth(dayOfMonth);
    }

    bool takeDaysOfMonth(std::string_view text)
    {
        for (std::string_view word : split(text, ",")) {
            if (!takeSpecialDay(word) && !take(word, dayField, m_cron.m_daysOfMonth, 0))
                return wrong(dayField.name, text);
        }
        return true;
    }

    bool takeSpecialDay(std::string_view word)
    {
        if (word == "L" || word.starts_with("L-")) {
            const auto before = word == "L" ? std::optional(0) : number(word.substr(2));
            if (before && *before <= 30)
                m_cron.m_daysFromEnd.push_back(*before);
            return before && *before <= 30;
        }
        if (!word.ends_with('W'))
            return false;
        const auto day = word == "LW" ? std::optional(0) : valueOf(word.substr(0, word.size() - 1), dayField);
        if (day)
            m_cron.m_nearestWeekdays.push_back(*day);
        return day.has_value();
    }

    bool takeDaysOfWeek(std::string_view text)
    {
        for (std::string_view word : split(text, ",")) {
            std::vector<int> values;
            const auto hash = word.find('#');
            if (hash != std::string_view::npos || (word.size() > 1 && word.ends_with('L'))) {
                const bool isLast = hash == std::string_view::npos;
                const auto day = valueOf(word.substr(0, isLast ? word.size() - 1 : hash), weekdayField);
                const auto ordinal = isLast ? std::optional(-1) : number(word.substr(hash + 1));
                if (!day || !ordinal || *ordinal == 0 || *ordinal > 5)
                    return wrong(weekdayField.name, text);
                m_cron.m_nthWeekdays.push_back({*day - 1, *ordinal});
            } else if (word == "L") {
                values.push_back(7);
            } else if (!addValues(word, weekdayField, values)) {
                return wrong(weekdayField.name, text);
            }
            for (int value : values)
                m_cron.m_weekdays.set(static_cast<std::size_t>(value - 1));
        }
        return true;
    }

    CronExpression m_cron;
    Error m_error;
};

Result<CronExpression> CronExpression::parse(std::string_view text)
{
    return CronReader().read(text);
}

}  // namespace headgate
