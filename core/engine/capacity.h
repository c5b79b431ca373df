#pragma once

#include "core/domain/snapshot.h"
#include "core/plan/node_capacity.h"

#include <cstdint>

// How much of what a node can carry is taken.
namespace headgate::capacity {

// Sessions that a node has or was promised.
struct Demand
{
    int viewers = 0;  // and children
    std::int64_t bitsOutPerSecond = 0;
    int publishers = 0;
};
Demand demandOf(const NodeStatus& status);
Demand operator+(const Demand& a, const Demand& b);

// The dearest of viewers, bits and publishers, in millionths of its limit; 1,000,000 is full, more is too much.
std::int64_t shareOf(const Demand& demand, const NodeLimits& limits);
constexpr std::int64_t wholeShare = 1'000'000;

}  // namespace headgate::capacity
