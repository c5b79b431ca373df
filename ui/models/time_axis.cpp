#include "ui/models/time_axis.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace headgate {

namespace {

using std::chrono::days;

constexpr seconds day = days(1);
constexpr std::array<seconds, 12> timeSteps = {
    seconds(60),     seconds(300),    seconds(600),    seconds(900), seconds(1'800), seconds(3'600), seconds(7'200),
    seconds(10'800), seconds(21'600), seconds(43'200), day,          7 * day};
constexpr std::array<int, 3> monthSteps = {1, 3, 12};
constexpr seconds shortestMonth = 28 * day;
constexpr seconds margin = std::chrono::hours(3);  // clocks may be put back within the stretch

constexpr double firstSecond =
    static_cast<double>(std::chrono::sys_days(std::chrono::year(firstPlannedYear) / 1 / 2).time_since_epoch().count()) *
    86'400;
constexpr double lastSecond =
    static_cast<double>(
        std::chrono::sys_days(std::chrono::year(lastPlannedYear) / 12 / 30).time_since_epoch().count()) *
    86'400;

// A Monday.
constexpr LocalDay weekZero{std::chrono::local_days(std::chrono::year(1970) / 1 / 5)};

seconds floorTo(seconds time, seconds step)
{
    const auto rest = time % step;
    return time - (rest < seconds(0) ? rest + step : rest);
}

void addTicks(std::vector<AxisTick>& found, LocalTime local, const ZoneRules& zone)
{
    const LocalMapping at = zone.map(local);
    const bool isMidnight = timeOfDay(local) == seconds(0);
    const TickKind kind = isMidnight ? TickKind::Date : TickKind::Time;
    // A day may begin with a jump of the clocks; other times that are jumped over do not exist.
    if (at.kind == LocalMapping::Kind::Gap) {
        if (isMidnight)
            found.push_back({at.second, kind});
        return;
    }
    found.push_back({at.first, kind});
    if (at.kind == LocalMapping::Kind::Overlap && !isMidnight)
        found.push_back({at.second, kind});
}

LocalTime monthStart(LocalTime local, int months, int steps)
{
    const std::chrono::year_month_day date(dayOf(local));
    const int index = (static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 1);
    const int month = (index / months + steps) * months;
    const std::chrono::year_month_day start{
        std::chrono::year(month / 12), std::chrono::month(static_cast<unsigned>(month % 12 + 1)), std::chrono::day(1)};
    return std::chrono::local_days(start);
}

void addShifts(std::vector<AxisTick>& found, const TimeAxis& axis, const ZoneRules& zone)
{
    const auto& all = zone.transitions();
    auto shift = std::ranges::lower_bound(all, axis.from(), {}, &ZoneRules::Transition::at);
    for (; shift != all.end() && shift->at <= axis.to(); ++shift) {
        if (zone.offsetAt(shift->at - seconds(1)) != shift->offset)
            found.push_back({shift->at, TickKind::Shift});
    }
}

}  // namespace

TimeAxis::TimeAxis(Instant from, seconds span, int width) : m_width(std::max(width, 1))
{
    *this = placed(static_cast<double>(from.time_since_epoch().count()), static_cast<double>(span.count()));
}

TimeAxis TimeAxis::placed(double from, double span) const
{
    TimeAxis axis = *this;
    span = std::clamp(span, static_cast<double>(shortest.count()), static_cast<double>(longest.count()));
    axis.m_perPixel = span / m_width;
    return axis.startingAt(from);
}

TimeAxis TimeAxis::startingAt(double from) const
{
    TimeAxis axis = *this;
    axis.m_from = std::clamp(from, firstSecond, lastSecond - m_perPixel * m_width);
    return axis;
}

seconds TimeAxis::span() const
{
    return seconds(std::llround(m_perPixel * m_width));
}

double TimeAxis::xOf(Instant t) const
{
    return (static_cast<double>(t.time_since_epoch().count()) - m_from) / m_perPixel;
}

Instant TimeAxis::instantAt(double x) const
{
    return Instant(seconds(std::llround(m_from + x * m_perPixel)));
}

TimeAxis TimeAxis::zoomed(double factor, double x) const
{
    const double span = std::clamp(m_perPixel * m_width / factor, static_cast<double>(shortest.count()),
                                   static_cast<double>(longest.count()));
    const double held = m_from + x * m_perPixel;
    return placed(held - x * span / m_width, span);
}

TimeAxis TimeAxis::moved(double pixels) const
{
    return startingAt(m_from + pixels * m_perPixel);
}

TimeAxis TimeAxis::resized(int width) const
{
    TimeAxis axis = *this;
    axis.m_width = std::max(width, 1);
    return axis.placed(m_from, m_perPixel * axis.m_width);
}

TimeAxis TimeAxis::centredOn(Instant t) const
{
    return spanning(span(), t);
}

TimeAxis TimeAxis::spanning(seconds span, Instant centre) const
{
    const auto wanted = static_cast<double>(std::clamp(span, shortest, longest).count());
    return placed(static_cast<double>(centre.time_since_epoch().count()) - wanted / 2, wanted);
}

Instant snapped(Instant t, const ZoneRules& zone, seconds step)
{
    const LocalTime local = zone.toLocal(t);
    const LocalTime target = LocalTime(dayOf(local)) + floorTo(timeOfDay(local) + step / 2, step);
    const LocalMapping at = zone.map(target);
    if (at.kind == LocalMapping::Kind::Unique)
        return at.first;
    if (at.kind == LocalMapping::Kind::Gap)
        return at.second;
    return std::chrono::abs(t - at.first) <= std::chrono::abs(t - at.second) ? at.first : at.second;
}

TickStep tickStep(const TimeAxis& axis, double leastGap)
{
    for (const seconds step : timeSteps) {
        if (axis.pixelsOf(step) >= leastGap)
            return {step, 0};
    }
    for (const int months : monthSteps) {
        if (axis.pixelsOf(shortestMonth * months) >= leastGap)
            return {seconds(0), months};
    }
    return {seconds(0), monthSteps.back()};
}

std::vector<AxisTick> ticks(const TimeAxis& axis, const ZoneRules& zone, TickStep step)
{
    std::vector<AxisTick> found;
    const LocalTime first = zone.toLocal(axis.from()) - margin, last = zone.toLocal(axis.to()) + margin;
    if (step.months > 0) {
        for (int i = 0; monthStart(first, step.months, i) <= last; ++i)
            addTicks(found, monthStart(first, step.months, i), zone);
    } else {
        const LocalTime zero(weekZero);
        for (LocalTime local = zero + floorTo(first - zero, step.time); local <= last; local += step.time)
            addTicks(found, local, zone);
    }
    addShifts(found, axis, zone);
    std::ranges::sort(
        found, [](const AxisTick& a, const AxisTick& b) { return a.at != b.at ? a.at < b.at : a.kind < b.kind; });
    const auto same = std::ranges::unique(found);
    found.erase(same.begin(), same.end());
    std::erase_if(found, [&](const AxisTick& tick) { return tick.at < axis.from() || tick.at > axis.to(); });
    return found;
}

}  // namespace headgate
