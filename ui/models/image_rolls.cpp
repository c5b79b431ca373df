#include "ui/models/image_rolls.h"

#include <algorithm>

namespace headgate {

namespace {

bool isChanging(const NodeGroupStatus& status)
{
    return std::ranges::any_of(status.pools, [](const PoolStatus& pool) { return pool.outdated > 0; });
}

// The oldest node that was started from something else than its image says now.
const Node* oldestFormer(const Snapshot& snapshot, const NodeGroup& group)
{
    const Node* oldest = nullptr;
    for (const NodeStatus& status : snapshot.nodes) {
        const Node& node = status.node;
        const NodeImage* image = node.pool.nodeGroup == group.name ? group.findImage(node.imageName) : nullptr;
        const bool isFormer = image && !node.launchedImage.empty() && node.launchedImage != image->image;
        if (isFormer && (!oldest || node.createdAt < oldest->createdAt))
            oldest = &node;
    }
    return oldest;
}

}  // namespace

std::vector<GroupRoll> groupRolls(const Snapshot& snapshot)
{
    std::vector<GroupRoll> rolls;
    for (const NodeGroupStatus& status : snapshot.nodeGroups) {
        if (!isChanging(status))
            continue;
        GroupRoll roll;
        roll.group = status.group.name;
        if (const Node* former = oldestFormer(snapshot, status.group)) {
            roll.imageName = former->imageName;
            roll.former = former->launchedImage;
            roll.present = status.group.findImage(former->imageName)->image;
        }
        for (const PoolStatus& pool : status.pools) {
            const int all = std::max(pool.ready, pool.wanted);
            if (all > 0)
                roll.pools.push_back({pool.key, pool.region, pool.ready - pool.outdated, all});
        }
        rolls.push_back(std::move(roll));
    }
    return rolls;
}

NodeGroup withImage(NodeGroup group, const std::string& imageName, const std::string& image)
{
    for (NodeImage& one : group.images)
        if (one.name == imageName)
            one.image = image;
    return group;
}

}  // namespace headgate
