#pragma once

#include "core/domain/snapshot.h"

#include <optional>
#include <string>
#include <vector>

namespace headgate {

// The nodes of one pool that are new already.
struct PoolRoll
{
    PoolKey pool;
    std::string region;
    int replaced = 0;
    int all = 0;  // that are to be ready

    bool operator==(const PoolRoll&) const = default;
};

// A node group whose nodes are being replaced, few at a time.
struct GroupRoll
{
    NodeGroupName group;
    std::string imageName;  // NodeImage::name of what was changed; empty: the nodes are new for another reason
    std::string former;     // what the oldest of its nodes were started from
    std::string present;    // what new ones are started from
    std::vector<PoolRoll> pools;

    bool operator==(const GroupRoll&) const = default;
};

// Sorted by group.
std::vector<GroupRoll> groupRolls(const Snapshot& snapshot);

// The group with another thing to start nodes of that image from.
NodeGroup withImage(NodeGroup group, const std::string& imageName, const std::string& image);

}  // namespace headgate
