#include "core/plane/usage_meter.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr std::int64_t perSecond = 1000;
constexpr std::int64_t perByte = 8 * 1000;

// What it costs begins with its process and ends with it.
bool runs(const Node& node)
{
    return node.state >= NodeState::Created && node.health != NodeHealth::Dead;
}

std::map<NodeGroupName, std::string> deploymentsOf(const Snapshot& snapshot)
{
    std::map<NodeGroupName, std::string> deployments;
    for (const DeploymentStatus& status : snapshot.deployments) {
        for (const NodeGroupName& group : status.stored.deployment.nodeGroups)
            deployments[group] = status.stored.deployment.name;
    }
    return deployments;
}

// Of the machines of each pool and image: the subgroup that is nearest says it, else the image, else the group.
class InstanceTypes
{
public:
    explicit InstanceTypes(const Snapshot& snapshot)
    {
        for (const NodeGroupStatus& status : snapshot.nodeGroups) {
            m_groups[status.group.name] = &status.group;
            for (const Subgroup& subgroup : status.group.subgroups)
                take(status.group.name, subgroup, {});
        }
    }

    std::string of(const Node& node) const
    {
        const auto leaf = m_leaves.find({node.pool.nodeGroup, node.pool.subgroup});
        if (leaf != m_leaves.end() && !leaf->second.empty())
            return leaf->second;
        const auto group = m_groups.find(node.pool.nodeGroup);
        if (group == m_groups.end())
            return {};
        const NodeImage* image = group->second->findImage(node.imageName);
        const std::string own = image ? typeIn(image->cloudProperties, {}) : std::string();
        return own.empty() ? typeIn(group->second->cloudProperties, {}) : own;
    }

private:
    static std::string typeIn(const std::string& cloudProperties, const std::string& otherwise)
    {
        return cloudProperty(cloudProperties, "instance_type").value_or(otherwise);
    }

    void take(const NodeGroupName& group, const Subgroup& subgroup, const std::string& outer)
    {
        const std::string type = typeIn(subgroup.cloudProperties, outer);
        if (subgroup.isLeaf())
            m_leaves[{group, subgroup.name}] = type;
        for (const Subgroup& child : subgroup.children)
            take(group, child, type);
    }

    std::map<NodeGroupName, const NodeGroup*> m_groups;
    std::map<std::pair<NodeGroupName, std::string>, std::string> m_leaves;
};

}  // namespace

void UsageMeter::observe(const Snapshot& snapshot, Duration passed)
{
    const bool countsGap = m_isFirst && m_countedUntil != TimePoint();
    const auto deployments = deploymentsOf(snapshot);
    const InstanceTypes types(snapshot);
    for (const NodeStatus& status : snapshot.nodes) {
        const Node& node = status.node;
        if (!runs(node))
            continue;
        const auto found = deployments.find(node.pool.nodeGroup);
        Key key{std::chrono::floor<std::chrono::days>(snapshot.takenAt),
                found == deployments.end() ? std::string() : found->second, node.pool.role, types.of(node)};
        if (m_isFirst) {
            if (countsGap)
                addNodeTime(std::move(key), std::max(m_countedUntil, node.createdAt), snapshot.takenAt);
            continue;
        }
        addBytes(m_sums[key], status.load, passed);
        addNodeTime(std::move(key), snapshot.takenAt - passed, snapshot.takenAt);
    }
    m_isFirst = false;
    m_countedUntil = snapshot.takenAt;
}

void UsageMeter::addNodeTime(Key key, TimePoint from, TimePoint to)
{
    while (from < to) {
        const UsageDay day = std::chrono::floor<std::chrono::days>(from);
        const TimePoint end = std::min(to, TimePoint(day + std::chrono::days(1)));
        key.day = day;
        m_sums[key].nodeTime += (end - from).count();
        from = end;
    }
}

// What a node sends goes to viewers and to nodes in the proportion of their numbers.
void UsageMeter::addBytes(Sums& sums, const NodeLoad& load, Duration passed)
{
    const std::int64_t out = load.bitsOutPerSecond * passed.count();
    const std::int64_t viewers = load.subscribers, receivers = viewers + load.children;
    sums.in += load.bitsInPerSecond * passed.count();
    sums.out += out;
    sums.delivered += receivers > 0 ? out / receivers * viewers : 0;
}

UsageIncrement UsageMeter::increment() const
{
    UsageIncrement increment{{}, m_countedUntil};
    for (const auto& [key, sums] : m_sums) {
        UsageRow row{key.day,
                     key.deployment,
                     key.role,
                     key.instanceType,
                     sums.nodeTime / perSecond,
                     sums.in / perByte,
                     sums.out / perByte,
                     sums.delivered / perByte};
        if (row.nodeSeconds + row.bytesIn + row.bytesOut > 0)
            increment.rows.push_back(std::move(row));
    }
    return increment;
}

void UsageMeter::written(const UsageIncrement& increment)
{
    for (const UsageRow& row : increment.rows) {
        Sums& sums = m_sums[{row.day, row.deployment, row.role, row.instanceType}];
        sums.nodeTime -= row.nodeSeconds * perSecond;
        sums.in -= row.bytesIn * perByte;
        sums.out -= row.bytesOut * perByte;
        sums.delivered -= row.bytesDelivered * perByte;
    }
    const UsageDay today = std::chrono::floor<std::chrono::days>(m_countedUntil);
    std::erase_if(m_sums, [today](const auto& entry) { return entry.first.day < today; });
}

}  // namespace headgate
