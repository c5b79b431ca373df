#pragma once

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/sim/scenario.h"

#include <cstdint>
#include <vector>

// Draws out of the distributions that a world needs. Integers only: the same numbers from every compiler.
namespace headgate::sim {

// How many events happen if `meanMicros` millionths are expected (a Poisson distribution, closely).
std::int64_t poisson(Random& random, std::int64_t meanMicros);

// The quantile at `thousandths` of a percent, 0 to 100,000.
Duration quantileOf(const std::vector<BootQuantile>& quantiles, int thousandths);
Duration bootTime(Random& random, const std::vector<BootQuantile>& quantiles);

inline bool isDrawn(Random& random, int percent)
{
    return percent > 0 && static_cast<int>(random.below(100)) < percent;
}

}  // namespace headgate::sim
