#pragma once

#include "core/base/time.h"

namespace headgate {

// How viewers leave a node that drains and takes no publishers: for `patience` as they like, then all who are left
// within `rounds` seconds, of those who were there then the same part in each. For as long as no other node takes them
// they stay. What keeps the node after `longestDrain` is ended.
struct DrainPace
{
    static constexpr int rounds = 50;
    static constexpr Duration longestDrain{3'600'000};

    Duration patience{600'000};
    Duration round{1'000};
};

}  // namespace headgate
