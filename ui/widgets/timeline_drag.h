#pragma once

#include "core/plan/zone_rules.h"

#include <optional>

namespace headgate {

// An interval while it is made, moved or given another end with pointer or keys; both ends stay on round times.
class TimelineDrag
{
public:
    enum class Kind
    {
        Create,
        Move,
        Start,
        End
    };

    static constexpr seconds coarse{300};
    static constexpr seconds fine{60};

    // A new interval from where the pointer was pressed.
    static TimelineDrag create(Instant at);
    // `at` is where an interval is held.
    static TimelineDrag of(Kind kind, Instant start, Instant end, Instant at);

    Kind kind() const { return m_kind; }

    // The pointer is at `at`. Ends are never nearer than one step.
    void moveTo(Instant at, const ZoneRules& zone, seconds step);

    Instant start() const { return m_start; }
    Instant end() const { return m_end; }
    bool isMoved() const { return m_start != m_firstStart || m_end != m_firstEnd; }

private:
    Kind m_kind = Kind::Create;
    Instant m_held;  // where it was taken
    Instant m_firstStart, m_firstEnd;
    Instant m_start, m_end;
};

// The interval one step earlier or later (`steps` -1 or 1): the whole, or its end alone.
TimelineDrag nudged(TimelineDrag::Kind kind, Instant start, Instant end, int steps, const ZoneRules& zone,
                    seconds step);

}  // namespace headgate
