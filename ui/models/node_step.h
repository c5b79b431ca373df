#pragma once

#include "core/base/time.h"

namespace headgate {

// From `start` on so many nodes are planned, of all roles and regions.
struct NodeStep
{
    TimePoint start;
    int nodes = 0;

    bool operator==(const NodeStep&) const = default;
};

}  // namespace headgate
