#include "core/engine/snapshot_builder.h"

#include "core/engine/capacity.h"
#include "core/engine/node_images.h"
#include "core/engine/reconciler.h"
#include "core/engine/relay_tree.h"

#include <algorithm>
#include <optional>

namespace headgate {

namespace {

void count(PoolStatus& pool, const Node& node)
{
    if (node.health != NodeHealth::Healthy)
        ++pool.unwell;
    else if (isWarming(node.state))
        ++pool.warming;
    else if (node.state == NodeState::InService)
        ++pool.ready;
    else
        ++pool.draining;
}

PoolStatus poolStatus(const PoolKey& key, const std::string& region, int wanted)
{
    PoolStatus status;
    status.key = key;
    status.region = region;
    status.wanted = wanted;
    return status;
}

std::vector<PoolStatus> poolStatuses(const EngineModel& model, const NodeGroup& group)
{
    std::map<PoolKey, PoolStatus> pools;
    for (const reconciler::PoolPlan& plan : reconciler::plan(model, group).pools)
        pools.emplace(plan.pool.key, poolStatus(plan.pool.key, plan.pool.region, plan.wanted));
    for (const auto& [id, record] : model.nodes) {
        const Node& node = record.node;
        if (node.pool.nodeGroup == group.name)
            count(pools.try_emplace(node.pool, poolStatus(node.pool, node.region, 0)).first->second, node);
    }
    std::vector<PoolStatus> result;
    for (auto& [key, status] : pools)
        result.push_back(std::move(status));
    return result;
}

class StreamCollector
{
public:
    explicit StreamCollector(const EngineModel& model) : m_model(model)
    {
        for (const auto& [id, record] : model.nodes) {
            for (const StreamReport& report : record.streams)
                m_carriers[LiveKey{record.node.pool.nodeGroup, report.key}].push_back({&record, &report});
            const NodeEndpoints& at = record.node.endpoints;
            const bool isIpv6 = at.address.find(':') != std::string::npos;
            if (!at.address.empty())
                m_nodesByEndpoint.emplace(
                    (isIpv6 ? "[" + at.address + "]" : at.address) + ":" + std::to_string(at.rtmpPort), id);
        }
    }

    std::vector<StreamStatus> collect() const
    {
        std::vector<StreamStatus> result;
        for (const auto& [key, live] : relay_tree::liveStreams(m_model)) {
            StreamStatus status{key.nodeGroup, live.origin->node.id, *live.report, 0, {}};
            for (const auto& [record, report] : m_carriers.at(key)) {
                status.viewers += report->viewers;
                if (record != live.origin)
                    status.hops.push_back(
                        {record->node.id, parentOf(*record, *report), report->viewers, report->bitsPerSecond});
            }
            result.push_back(std::move(status));
        }
        return result;
    }

private:
    struct Carrier
    {
        const NodeRecord* record;
        const StreamReport* report;
    };

    // The node says from which address it pulls; before it does, its assignment tells.
    NodeId parentOf(const NodeRecord& record, const StreamReport& report) const
    {
        if (report.isPublishedHere)
            return {};
        if (const auto it = m_nodesByEndpoint.find(report.publisherAddress); it != m_nodesByEndpoint.end())
            return it->second;
        if (!record.sentParents)
            return {};
        const auto& streams = record.sentParents->streams;
        const auto it = std::find_if(streams.begin(), streams.end(),
                                     [&](const auto& parents) { return parents.stream == report.key; });
        return it != streams.end() ? it->primary.node : NodeId();
    }

    const EngineModel& m_model;
    std::map<LiveKey, std::vector<Carrier>> m_carriers;
    std::map<std::string, NodeId> m_nodesByEndpoint;
};

ClusterTotals totalsOf(const EngineModel& model, const std::vector<StreamStatus>& streams)
{
    ClusterTotals totals;
    std::int64_t out = 0;
    for (const auto& [id, record] : model.nodes) {
        // The last figures of a node that is not heard are no present figures.
        if (record.node.health == NodeHealth::Dead)
            continue;
        const Role* role = model.findRole(record.node.pool);
        totals.viewers += record.load.subscribers;
        totals.publishers += record.load.publishers;
        out += record.load.bitsOutPerSecond;
        if (role && role->can(Capability::Publish))
            totals.bitsInPerSecond += record.load.bitsInPerSecond;
        else
            totals.bitsBetweenPerSecond += record.load.bitsInPerSecond;
    }
    totals.streams = static_cast<int>(streams.size());
    totals.bitsOutPerSecond = std::max<std::int64_t>(0, out - totals.bitsBetweenPerSecond);
    return totals;
}

NodeStatus nodeStatus(const EngineModel& model, const NodeRecord& record)
{
    NodeStatus status{record.node, record.load, record.lastHeard, record.isSealed, {}, 0};
    const NodeImage* image = model.findImage(record.node);
    const auto described = image ? model.images.find(image->image) : model.images.end();
    status.limits =
        capacity::limitsOf(described == model.images.end() ? nullptr : &described->second.record, record.load.cores);
    for (const StreamReport& report : record.streams)
        status.servedBitsPerSecond += (report.viewers + report.children) * report.bitsPerSecond;
    return status;
}

}  // namespace

std::shared_ptr<const Snapshot> buildSnapshot(const EngineModel& model, std::uint64_t sequence, TimePoint now)
{
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->sequence = sequence;
    snapshot->revision = model.revision;
    snapshot->takenAt = now;
    snapshot->deploymentName = model.options.deploymentName;
    for (const auto& [name, stored] : model.groups) {
        NodeGroupStatus& status = snapshot->nodeGroups.emplace_back();
        status.group = stored.group;
        status.version = stored.version;
        status.createdAt = stored.createdAt;
        status.updatedAt = stored.updatedAt;
        status.updatedBy = stored.updatedBy;
        status.pools = poolStatuses(model, stored.group);
    }
    for (const auto& [id, record] : model.nodes)
        snapshot->nodes.push_back(nodeStatus(model, record));
    snapshot->streams = StreamCollector(model).collect();
    snapshot->nodeImages = node_images::statuses(model);
    snapshot->planRevision = model.planRevision;
    snapshot->recentAudit.assign(model.recentAudit.begin(), model.recentAudit.end());
    snapshot->totals = totalsOf(model, snapshot->streams);
    return snapshot;
}

}  // namespace headgate
