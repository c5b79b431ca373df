#pragma once

#include "core/domain/node.h"
#include "core/domain/stream.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headgate {

enum class RoutePurpose
{
    Publish,
    Subscribe
};

enum class Spill
{
    Allowed,  // preferred subgroups first, then the others
    Strict    // only preferred subgroups, and exactly `endpoints` answers
};

struct RouteRequest
{
    RoutePurpose purpose = RoutePurpose::Subscribe;
    NodeGroupName nodeGroup;
    StreamKey stream;
    std::vector<std::string>
        preferredSubgroups;  // most wanted first; an inner subgroup or a region means every leaf below it
    Spill spill = Spill::Allowed;
    int endpoints = 1;  // 1 to 16
};

struct RouteTarget
{
    NodeId node;
    PoolKey pool;
    NodeState state = NodeState::InService;
    NodeEndpoints endpoints;
    int subscribers = 0;  // of this stream on that node

    bool operator==(const RouteTarget&) const = default;
};

// A node that was looked at for a route.
struct RouteOption
{
    NodeId node;
    PoolKey pool;
    std::string region;
    int place = 0;    // from 1, in the order in which nodes would be given; 0: it was rejected
    std::string why;  // what spoke for or against it, with the values

    bool operator==(const RouteOption&) const = default;
};

// What a request would be answered now, and why. Nothing is promised by it.
struct RouteExplanation
{
    static constexpr std::size_t mostOptions = 200;

    std::string outcome;               // one sentence
    std::vector<std::string> steps;    // sentences, in the order of the decision
    std::vector<RouteOption> options;  // by place, then those rejected

    bool operator==(const RouteExplanation&) const = default;
};

}  // namespace headgate
