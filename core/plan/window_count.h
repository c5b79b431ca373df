#pragma once

#include "core/domain/calendar.h"

#include <algorithm>
#include <cstddef>

namespace headgate {

// About how many windows [from, to) has, but no more than a little above `most`: some days are looked at at a time, so
// that too many are never held. `windowsBetween(from, to)` gives the starts of those that meet a span; one that begins
// with a day that is looked at may not be counted.
template <typename StartsBetween>
std::size_t countWindows(Instant from, Instant to, std::size_t most, const StartsBetween& startsBetween)
{
    constexpr std::chrono::days atOnce{4};
    std::size_t count = 0;
    for (Instant begin = from; begin < to && count <= most; begin += atOnce) {
        const auto starts = startsBetween(begin, std::min<Instant>(to, begin + atOnce));
        count += static_cast<std::size_t>(
            std::ranges::count_if(starts, [&](Instant start) { return begin == from || start > begin; }));
    }
    return count;
}

}  // namespace headgate
