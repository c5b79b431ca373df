#include "core/plan/posix_zone.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

namespace headgate {
namespace {

namespace chrono = std::chrono;

// "M3.2.0/2", "J60", "59": a day of the year and the time on the wall there.
struct YearlyChange
{
    enum class Form
    {
        MonthWeekDay,
        JulianDay,  // 1 to 365, the 29 February has no number
        DayOfYear   // 0 to 365
    };
    Form form = Form::MonthWeekDay;
    int month = 0, week = 0, day = 0;
    seconds time{7200};

    LocalTime in(int year) const
    {
        const chrono::year y(year);
        if (form == Form::MonthWeekDay) {
            const chrono::month m(static_cast<unsigned>(month));
            const chrono::weekday w(static_cast<unsigned>(day));
            const LocalDay date =
                week == 5 ? LocalDay(y / m / w[chrono::last]) : LocalDay(y / m / w[static_cast<unsigned>(week)]);
            return date + time;
        }
        const bool skipsLeapDay = form == Form::JulianDay && y.is_leap() && day >= 60;
        const int number = form == Form::JulianDay ? day - 1 + (skipsLeapDay ? 1 : 0) : day;
        return LocalDay(y / 1 / 1) + chrono::days(number) + time;
    }
};

class RuleReader
{
public:
    explicit RuleReader(std::string_view text) : m_rest(text) {}

    bool read()
    {
        if (!name() || !offset(m_standard))
            return false;
        if (m_rest.empty())
            return true;
        m_daylight = m_standard + chrono::hours(1);
        if (!name() || (!m_rest.empty() && m_rest.front() != ',' && !offset(*m_daylight)))
            return false;
        return take(',') && change(m_start) && take(',') && change(m_end) && m_rest.empty();
    }

    PosixZone expand(int from, int to) const
    {
        // Where the end in one year is the start in the next one, daylight saving goes on.
        std::map<Instant, seconds> offsets;
        for (int year = from; m_daylight && year <= to; ++year) {
            offsets.insert_or_assign(Instant(m_start.in(year).time_since_epoch()) - m_standard, *m_daylight);
            offsets.emplace(Instant(m_end.in(year).time_since_epoch()) - *m_daylight, m_standard);
        }
        PosixZone zone{m_standard, {}};
        for (const auto& [at, offset] : offsets)
            zone.transitions.push_back({at, offset});
        return zone;
    }

private:
    bool take(char c)
    {
        if (m_rest.empty() || m_rest.front() != c)
            return false;
        m_rest.remove_prefix(1);
        return true;
    }

    bool name()
    {
        if (take('<')) {
            const auto end = m_rest.find('>');
            if (end == std::string_view::npos)
                return false;
            m_rest.remove_prefix(end + 1);
            return true;
        }
        const auto isLetter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
        const auto end = std::ranges::find_if_not(m_rest, isLetter);
        const auto length = static_cast<std::size_t>(end - m_rest.begin());
        m_rest.remove_prefix(length);
        return length >= 3;
    }

    bool number(int& out, int least, int most)
    {
        std::size_t digits = 0;
        out = 0;
        while (digits < m_rest.size() && digits < 4 && m_rest[digits] >= '0' && m_rest[digits] <= '9')
            out = out * 10 + (m_rest[digits++] - '0');
        m_rest.remove_prefix(digits);
        return digits > 0 && out >= least && out <= most;
    }

    // [+-]hh[:mm[:ss]]
    bool clock(seconds& out)
    {
        const bool isNegative = take('-');
        if (!isNegative)
            take('+');
        int h = 0, m = 0, s = 0;
        if (!number(h, 0, 167) || (take(':') && (!number(m, 0, 59) || (take(':') && !number(s, 0, 59)))))
            return false;
        out = chrono::hours(h) + chrono::minutes(m) + seconds(s);
        if (isNegative)
            out = -out;
        return true;
    }

    // West of Greenwich is positive here, unlike everywhere else.
    bool offset(seconds& out)
    {
        if (!clock(out))
            return false;
        out = -out;
        return out <= chrono::hours(25) && out >= -chrono::hours(25);
    }

    bool change(YearlyChange& out)
    {
        bool isGood = false;
        if (take('M')) {
            isGood =
                number(out.month, 1, 12) && take('.') && number(out.week, 1, 5) && take('.') && number(out.day, 0, 6);
        } else if (take('J')) {
            out.form = YearlyChange::Form::JulianDay;
            isGood = number(out.day, 1, 365);
        } else {
            out.form = YearlyChange::Form::DayOfYear;
            isGood = number(out.day, 0, 365);
        }
        return isGood && (!take('/') || clock(out.time));
    }

    std::string_view m_rest;
    seconds m_standard{0};
    std::optional<seconds> m_daylight;
    YearlyChange m_start, m_end;
};

}  // namespace

Result<PosixZone> expandPosixZone(std::string_view rule, int from, int to)
{
    RuleReader reader(rule);
    if (!reader.read())
        return fail(ErrorCode::InvalidArgument, "\"" + std::string(rule) + "\" is no standing rule of a time zone.");
    return reader.expand(from, to);
}

}  // namespace headgate
