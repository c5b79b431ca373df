#pragma once

#include "core/domain/snapshot.h"

#include <cstdint>
#include <functional>
#include <string>

// What a node can carry and how much of it is taken. Everything that asks (routing, the console's headroom) gets it
// from here.
namespace headgate::capacity {

// By the newest measurement of its image, times the cores of the node (one if it did not say). Without a measurement,
// or without a description at all (null), NodeLimits as it is made.
NodeLimits limitsOf(const NodeImageRecord* image, int cores);

// The least that a node of one of the group's roles for viewers carries: what turns expected viewers into nodes.
// `recordOf` knows the description of a provider image, null for none. By what is written down alone, so that neither a
// restart nor a silent node changes a plan: a node has as many cores as the machine that its image was measured on.
int viewersPerNode(const NodeGroup& group,
                   const std::function<const NodeImageRecord*(const std::string& image)>& recordOf);

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
