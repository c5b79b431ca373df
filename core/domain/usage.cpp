#include "core/domain/usage.h"

#include <charconv>

namespace headgate {
namespace {

template <typename Number>
std::optional<Number> numberIn(std::string_view digits)
{
    Number number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool isWhole = error == std::errc() && end == digits.data() + digits.size() && digits.front() != '-';
    return isWhole ? std::optional(number) : std::nullopt;
}

}  // namespace

std::string dayText(UsageDay day)
{
    return toRfc3339(TimePoint(day)).substr(0, 10);
}

std::optional<UsageDay> dayFromText(std::string_view text)
{
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return std::nullopt;
    const auto year = numberIn<int>(text.substr(0, 4));
    const auto month = numberIn<unsigned>(text.substr(5, 2));
    const auto day = numberIn<unsigned>(text.substr(8, 2));
    if (!year || !month || !day)
        return std::nullopt;
    const auto date = std::chrono::year(*year) / std::chrono::month(*month) / std::chrono::day(*day);
    return date.ok() ? std::optional(UsageDay(date)) : std::nullopt;
}

}  // namespace headgate
