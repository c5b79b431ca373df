#include "core/domain/snapshot.h"

#include <algorithm>
#include <tuple>

namespace headgate {

const NodeGroupStatus* Snapshot::findNodeGroup(const NodeGroupName& name) const
{
    const auto it = std::lower_bound(nodeGroups.begin(), nodeGroups.end(), name,
                                     [](const NodeGroupStatus& s, const NodeGroupName& n) { return s.group.name < n; });
    return it != nodeGroups.end() && it->group.name == name ? &*it : nullptr;
}

const NodeStatus* Snapshot::findNode(const NodeId& id) const
{
    const auto it = std::lower_bound(nodes.begin(), nodes.end(), id,
                                     [](const NodeStatus& s, const NodeId& n) { return s.node.id < n; });
    return it != nodes.end() && it->node.id == id ? &*it : nullptr;
}

const NodeImageStatus* Snapshot::findNodeImage(const std::string& name) const
{
    const auto it = std::lower_bound(nodeImages.begin(), nodeImages.end(), name,
                                     [](const NodeImageStatus& s, const std::string& n) { return s.record.name < n; });
    return it != nodeImages.end() && it->record.name == name ? &*it : nullptr;
}

const StreamStatus* Snapshot::findStream(const NodeGroupName& group, const StreamKey& key) const
{
    const auto it =
        std::lower_bound(streams.begin(), streams.end(), std::tie(group, key),
                         [](const StreamStatus& s, const std::tuple<const NodeGroupName&, const StreamKey&>& k) {
                             return std::tie(s.nodeGroup, s.ingest.key) < k;
                         });
    return it != streams.end() && it->nodeGroup == group && it->ingest.key == key ? &*it : nullptr;
}

}  // namespace headgate
