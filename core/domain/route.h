#pragma once

#include "core/domain/node.h"
#include "core/domain/stream.h"

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

}  // namespace headgate
