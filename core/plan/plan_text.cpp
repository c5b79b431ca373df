#include "core/plan/plan_text.h"

#include <array>
#include <cstdio>

namespace headgate {
namespace {

namespace chrono = std::chrono;

constexpr LocalDay firstPlannedDay{LocalDay(chrono::year(firstPlannedYear) / 1 / 1)};

// Reads fixed forms from the front; after the first mismatch every further read fails too.
class FormReader
{
public:
    explicit FormReader(std::string_view text) : m_rest(text) {}

    int number(std::size_t digits)
    {
        int value = 0;
        m_isGood = m_isGood && m_rest.size() >= digits;
        for (std::size_t i = 0; m_isGood && i < digits; ++i) {
            m_isGood = m_rest[i] >= '0' && m_rest[i] <= '9';
            value = value * 10 + (m_rest[i] - '0');
        }
        if (m_isGood)
            m_rest.remove_prefix(digits);
        return value;
    }

    bool next(char c)
    {
        if (m_rest.empty() || m_rest.front() != c)
            return false;
        m_rest.remove_prefix(1);
        return true;
    }

    void must(char c) { m_isGood = next(c) && m_isGood; }
    void fail() { m_isGood = false; }
    bool isAtEnd() const { return m_rest.empty(); }
    bool isGood() const { return m_isGood; }

    LocalDay date(bool hasDashes)
    {
        const chrono::year year(number(4));
        if (hasDashes)
            must('-');
        const chrono::month month(static_cast<unsigned>(number(2)));
        if (hasDashes)
            must('-');
        const chrono::year_month_day date(year, month, chrono::day(static_cast<unsigned>(number(2))));
        const bool isPlanned = year >= chrono::year(firstPlannedYear) && year <= chrono::year(lastPlannedYear);
        m_isGood = m_isGood && isPlanned && date.ok();
        return m_isGood ? LocalDay(date) : LocalDay();
    }

    seconds clock(int mostHours)
    {
        const int h = number(2);
        must(':');
        const int m = number(2);
        const int s = next(':') ? number(2) : 0;
        m_isGood = m_isGood && h <= mostHours && m < 60 && s < 60;
        return chrono::hours(h) + chrono::minutes(m) + seconds(s);
    }

    void skipFraction()
    {
        if (!next('.'))
            return;
        do
            number(1);
        while (m_isGood && !m_rest.empty() && m_rest.front() >= '0' && m_rest.front() <= '9');
    }

    seconds offset()
    {
        if (next('Z') || next('z'))
            return seconds(0);
        const bool isWest = next('-');
        if (!isWest)
            must('+');
        const seconds amount = clock(23);
        return isWest ? -amount : amount;
    }

private:
    std::string_view m_rest;
    bool m_isGood = true;
};

template <std::size_t size, typename... Values>
std::string formatted(const char (&form)[size], Values... values)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), form, values...);
    return text.data();
}

struct Fields
{
    explicit Fields(LocalTime t) : date(dayOf(t)), clock(timeOfDay(t)) {}

    int year() const { return static_cast<int>(date.year()); }
    unsigned month() const { return static_cast<unsigned>(date.month()); }
    unsigned day() const { return static_cast<unsigned>(date.day()); }
    int hour() const { return static_cast<int>(clock.hours().count()); }
    int minute() const { return static_cast<int>(clock.minutes().count()); }
    int second() const { return static_cast<int>(clock.seconds().count()); }

    chrono::year_month_day date;
    chrono::hh_mm_ss<seconds> clock;
};

}  // namespace

std::optional<LocalDay> basicDay(std::string_view text)
{
    FormReader reader(text);
    const LocalDay day = reader.date(false);
    return reader.isGood() && reader.isAtEnd() ? std::optional(day) : std::nullopt;
}

std::optional<LocalTime> basicLocalTime(std::string_view text)
{
    FormReader reader(text);
    const LocalDay day = reader.date(false);
    reader.must('T');
    const int h = reader.number(2), m = reader.number(2), s = reader.number(2);
    if (!reader.isGood() || !reader.isAtEnd() || h > 23 || m > 59 || s > 59)
        return {};
    return day + chrono::hours(h) + chrono::minutes(m) + seconds(s);
}

std::string basicText(LocalDay day)
{
    const Fields f{LocalTime(day)};
    return formatted("%04d%02u%02u", f.year(), f.month(), f.day());
}

std::string basicText(LocalTime time)
{
    const Fields f(time);
    return basicText(dayOf(time)) + formatted("T%02d%02d%02d", f.hour(), f.minute(), f.second());
}

Result<LocalTime> localTimeFromText(std::string_view text)
{
    FormReader reader(text);
    const LocalDay day = reader.date(true);
    reader.must('T');
    const seconds clock = reader.clock(23);
    if (!reader.isGood() || !reader.isAtEnd())
        return fail(ErrorCode::InvalidArgument, "\"" + std::string(text) + "\" is no time on the wall.",
                    "Write it like 2027-06-26T20:00:00, without an offset; years go from 1970 to 2199.");
    return day + clock;
}

std::string toText(LocalTime time)
{
    const Fields f(time);
    return formatted("%04d-%02u-%02uT%02d:%02d:%02d", f.year(), f.month(), f.day(), f.hour(), f.minute(), f.second());
}

Result<seconds> clockFromText(std::string_view text)
{
    FormReader reader(text);
    const seconds clock = reader.clock(24);
    if (!reader.isGood() || !reader.isAtEnd() || clock > chrono::hours(24))
        return fail(ErrorCode::InvalidArgument, "\"" + std::string(text) + "\" is no time of day.",
                    "Write it like 20:00 or 20:00:30.");
    return clock;
}

std::string clockText(seconds sinceMidnight)
{
    const auto total = static_cast<int>(sinceMidnight.count());
    std::string text = formatted("%02d:%02d", total / 3600, total / 60 % 60);
    return total % 60 == 0 ? text : text + formatted(":%02d", total % 60);
}

Result<Instant> instantFromText(std::string_view text)
{
    FormReader reader(text);
    const LocalDay day = reader.date(true);
    if (!reader.next('t'))
        reader.must('T');
    const seconds clock = reader.clock(23);
    reader.skipFraction();
    const seconds offset = reader.offset();
    const LocalTime inUtc = day + clock - offset;
    if (!reader.isGood() || !reader.isAtEnd() || inUtc < firstPlannedDay || inUtc >= endOfPlanning)
        return fail(ErrorCode::InvalidArgument, "\"" + std::string(text) + "\" is no instant.",
                    "Write it like 2027-06-26T20:00:00+02:00 or 2027-06-26T18:00:00Z; years go from 1970 to 2199.");
    return Instant(inUtc.time_since_epoch());
}

std::string toText(Instant t, const ZoneRules& zone)
{
    const seconds offset = zone.offsetAt(t);
    const std::string local = toText(zone.toLocal(t));
    if (offset == seconds(0))
        return local + "Z";
    const auto minutes = static_cast<int>(chrono::abs(chrono::round<chrono::minutes>(offset)).count());
    return local + formatted("%c%02d:%02d", offset < seconds(0) ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace headgate
