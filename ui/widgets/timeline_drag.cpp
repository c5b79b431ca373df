#include "ui/widgets/timeline_drag.h"

#include "ui/models/time_axis.h"

#include <algorithm>

namespace headgate {

TimelineDrag TimelineDrag::create(Instant at)
{
    return of(Kind::Create, at, at, at);
}

TimelineDrag TimelineDrag::of(Kind kind, Instant start, Instant end, Instant at)
{
    TimelineDrag drag;
    drag.m_kind = kind;
    drag.m_held = at;
    drag.m_firstStart = drag.m_start = start;
    drag.m_firstEnd = drag.m_end = end;
    return drag;
}

void TimelineDrag::moveTo(Instant at, const ZoneRules& zone, seconds step)
{
    switch (m_kind) {
    case Kind::Create: {
        const Instant one = snapped(m_held, zone, step), other = snapped(at, zone, step);
        m_start = std::min(one, other);
        m_end = std::max({one, other, m_start + step});
        return;
    }
    case Kind::Move:
        // Its length is kept, so that an hour stays an hour across a change of the clocks.
        m_start = snapped(m_firstStart + (at - m_held), zone, step);
        m_end = m_start + (m_firstEnd - m_firstStart);
        return;
    case Kind::Start:
        m_start = std::min(snapped(m_firstStart + (at - m_held), zone, step), m_firstEnd - step);
        return;
    case Kind::End:
        m_end = std::max(snapped(m_firstEnd + (at - m_held), zone, step), m_firstStart + step);
        return;
    }
}

TimelineDrag nudged(TimelineDrag::Kind kind, Instant start, Instant end, int steps, const ZoneRules& zone, seconds step)
{
    TimelineDrag drag = TimelineDrag::of(kind, start, end, start);
    drag.moveTo(start + steps * step, zone, step);
    return drag;
}

}  // namespace headgate
