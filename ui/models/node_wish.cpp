#include "ui/models/node_wish.h"

#include "ui/format.h"
#include "ui/models/places.h"

#include <QCoreApplication>

#include <algorithm>
#include <set>

namespace headgate {

namespace {

struct WishWords
{
    Q_DECLARE_TR_FUNCTIONS(headgate::WishWords)
};

bool serves(const Snapshot& snapshot, const NodeStatus& status, const NodeGroupName& group, RoutePurpose purpose)
{
    const Node& node = status.node;
    const NodeGroupStatus* owner = snapshot.findNodeGroup(node.pool.nodeGroup);
    const Role* role = owner ? owner->group.findRole(node.pool.role) : nullptr;
    const Capability needed = purpose == RoutePurpose::Publish ? Capability::Publish : Capability::Subscribe;
    return node.pool.nodeGroup == group && role && role->can(needed) && node.state == NodeState::InService &&
           node.health == NodeHealth::Healthy && !node.endpoints.address.empty();
}

int sessions(const NodeStatus& status)
{
    return status.load.subscribers + status.load.publishers;
}

}  // namespace

std::vector<NodeWishChoice> nodeWishes(const Snapshot& snapshot, const NodeGroupName& group, RoutePurpose purpose)
{
    std::vector<NodeWishChoice> regions;
    std::vector<NodeWishChoice> nodes;
    std::set<std::string> known;
    for (const NodeStatus& status : snapshot.nodes) {
        if (!serves(snapshot, status, group, purpose))
            continue;
        const QString region = regionName(status.node.region);
        if (known.insert(status.node.region).second)
            regions.push_back({region, {status.node.region, {}}});
        nodes.push_back({QStringLiteral("%1, %2").arg(format::text(status.node.id.value), region),
                         {status.node.region, status.node.id}});
    }
    std::ranges::sort(regions, {}, &NodeWishChoice::name);
    std::vector<NodeWishChoice> all{{WishWords::tr("Any region"), {}}};
    all.insert(all.end(), regions.begin(), regions.end());
    all.insert(all.end(), nodes.begin(), nodes.end());
    return all;
}

const NodeStatus* nodeFor(const Snapshot& snapshot, const NodeGroupName& group, RoutePurpose purpose,
                          const NodeWish& wish, const NodeId& present)
{
    const NodeStatus* best = nullptr;
    for (const NodeStatus& status : snapshot.nodes) {
        const bool isThere = (wish.node.isEmpty() || status.node.id == wish.node) &&
                             (wish.region.empty() || status.node.region == wish.region);
        if (!isThere || !serves(snapshot, status, group, purpose))
            continue;
        if (status.node.id == present)
            return &status;
        if (!best || sessions(status) < sessions(*best))
            best = &status;
    }
    return best;
}

}  // namespace headgate
