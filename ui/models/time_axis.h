#pragma once

#include "core/plan/zone_rules.h"

#include <vector>

namespace headgate {

// A stretch of time laid over pixels, 0 at its start. A value: zooming and moving make another one.
class TimeAxis
{
public:
    static constexpr seconds shortest{600};
    static constexpr seconds longest{400 * 86'400};

    TimeAxis() = default;
    // The span is kept between `shortest` and `longest`, its ends in the planned years; `width` is at least 1.
    TimeAxis(Instant from, seconds span, int width);

    Instant from() const { return instantAt(0); }
    Instant to() const { return instantAt(m_width); }
    seconds span() const;
    int width() const { return m_width; }

    double xOf(Instant t) const;
    Instant instantAt(double x) const;  // the nearest second
    double pixelsOf(seconds time) const { return static_cast<double>(time.count()) / m_perPixel; }
    double secondsPerPixel() const { return m_perPixel; }

    // The instant below `x` stays there; a factor above 1 shows less time.
    TimeAxis zoomed(double factor, double x) const;
    TimeAxis moved(double pixels) const;  // to the right: later; the scale is exactly the same
    TimeAxis resized(int width) const;    // the same start and scale
    TimeAxis centredOn(Instant t) const;
    TimeAxis spanning(seconds span, Instant centre) const;

    bool operator==(const TimeAxis&) const = default;

private:
    TimeAxis placed(double from, double span) const;
    TimeAxis startingAt(double from) const;

    double m_from = 0;      // seconds since the epoch
    double m_perPixel = 1;  // seconds
    int m_width = 1;
};

// The nearest instant whose time on the wall is a multiple of `step`, counted from midnight. Where clocks jump over
// that time it is the jump; of two with that time the nearer one.
Instant snapped(Instant t, const ZoneRules& zone, seconds step);

enum class TickKind
{
    Time,
    Date,  // a day begins
    Shift  // clocks are changed
};

struct AxisTick
{
    Instant at;
    TickKind kind = TickKind::Time;

    bool operator==(const AxisTick&) const = default;
};

// How far apart ticks are: so much time on the wall, or whole months.
struct TickStep
{
    seconds time{0};
    int months = 0;  // 0: `time` counts

    bool operator==(const TickStep&) const = default;
};

// The finest step that leaves `leastGap` pixels between two ticks.
TickStep tickStep(const TimeAxis& axis, double leastGap);

// Ticks on round times on the wall of `zone`, changes of its clocks among them, by time.
std::vector<AxisTick> ticks(const TimeAxis& axis, const ZoneRules& zone, TickStep step);

}  // namespace headgate
