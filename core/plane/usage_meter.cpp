#include "core/plane/usage_meter.h"

#include <algorithm>

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

}  // namespace

void UsageMeter::observe(const Snapshot& snapshot, Duration passed)
{
    const bool countsGap = m_isFirst && m_countedUntil != TimePoint();
    const auto deployments = deploymentsOf(snapshot);
    for (const NodeStatus& status : snapshot.nodes) {
        const Node& node = status.node;
        if (!runs(node))
            continue;
        const auto found = deployments.find(node.pool.nodeGroup);
        const std::string deployment = found == deployments.end() ? std::string() : found->second;
        if (m_isFirst) {
            if (countsGap)
                addNodeTime(deployment, node.pool.role, std::max(m_countedUntil, node.createdAt), snapshot.takenAt);
            continue;
        }
        addNodeTime(deployment, node.pool.role, snapshot.takenAt - passed, snapshot.takenAt);
        addBytes(m_sums[{std::chrono::floor<std::chrono::days>(snapshot.takenAt), deployment, node.pool.role}],
                 status.load, passed);
    }
    m_isFirst = false;
    m_countedUntil = snapshot.takenAt;
}

void UsageMeter::addNodeTime(const std::string& deployment, const std::string& role, TimePoint from, TimePoint to)
{
    while (from < to) {
        const UsageDay day = std::chrono::floor<std::chrono::days>(from);
        const TimePoint end = std::min(to, TimePoint(day + std::chrono::days(1)));
        m_sums[{day, deployment, role}].nodeTime += (end - from).count();
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
        Sums& sums = m_sums[{row.day, row.deployment, row.role}];
        sums.nodeTime -= row.nodeSeconds * perSecond;
        sums.in -= row.bytesIn * perByte;
        sums.out -= row.bytesOut * perByte;
        sums.delivered -= row.bytesDelivered * perByte;
    }
    const UsageDay today = std::chrono::floor<std::chrono::days>(m_countedUntil);
    std::erase_if(m_sums, [today](const auto& entry) { return entry.first.day < today; });
}

}  // namespace headgate
