#include "core/wire/stream_manager_inventory.h"

#include <map>
#include <set>
#include <string>

namespace headgate::stream_manager {

namespace {

using Names = std::set<std::string>;
using NamesByRegion = std::map<std::string, Names>;

// Each platform that a group uses is there, also if nothing is known of it.
template <typename Found, typename Look>
Json byPlatform(const Snapshot& snapshot, Look look)
{
    std::map<std::string, Found> platforms;
    for (const NodeGroupStatus& group : snapshot.nodeGroups)
        look(group, platforms[group.group.cloudPlatform]);
    return platforms;
}

void addInstanceType(const std::string& cloudProperties, Names& types)
{
    if (const auto type = cloudProperty(cloudProperties, "instance_type"); type && !type->empty())
        types.insert(*type);
}

void addInstanceTypes(const std::vector<Subgroup>& subgroups, Names& types)
{
    for (const Subgroup& subgroup : subgroups) {
        addInstanceType(subgroup.cloudProperties, types);
        addInstanceTypes(subgroup.children, types);
    }
}

}  // namespace

Json imagesByRegion(const Snapshot& snapshot)
{
    return byPlatform<NamesByRegion>(snapshot, [](const NodeGroupStatus& group, NamesByRegion& found) {
        for (const PoolStatus& pool : group.pools) {
            const Role* role = group.group.findRole(pool.key.role);
            const NodeImage* image = role ? group.group.findImage(role->imageName) : nullptr;
            if (image)
                found[pool.region].insert(image->image);
        }
    });
}

Json instanceTypes(const Snapshot& snapshot)
{
    return byPlatform<Names>(snapshot, [](const NodeGroupStatus& group, Names& found) {
        addInstanceType(group.group.cloudProperties, found);
        for (const NodeImage& image : group.group.images)
            addInstanceType(image.cloudProperties, found);
        addInstanceTypes(group.group.subgroups, found);
    });
}

Json nodesByRegion(const Snapshot& snapshot)
{
    return byPlatform<NamesByRegion>(snapshot, [&](const NodeGroupStatus& group, NamesByRegion& found) {
        for (const NodeStatus& node : snapshot.nodes) {
            if (node.node.pool.nodeGroup == group.group.name)
                found[node.node.region].insert(node.node.pool.role + "-" + node.node.id.value);
        }
    });
}

Json regions(const Snapshot& snapshot)
{
    return byPlatform<Names>(snapshot, [](const NodeGroupStatus& group, Names& found) {
        for (const PoolStatus& pool : group.pools)
            found.insert(pool.region);
    });
}

}  // namespace headgate::stream_manager
