#include "core/engine/snapshot_builder.h"

#include "core/engine/group_status.h"
#include "core/engine/node_images.h"
#include "core/engine/relay_tree.h"

#include <algorithm>
#include <optional>

namespace headgate {

namespace {

class StreamCollector
{
public:
    explicit StreamCollector(const EngineModel& model) : m_model(model)
    {
        for (const auto& [id, record] : model.nodes) {
            for (const StreamReport& report : record.streams)
                m_carriers[LiveKey{record.node.pool.nodeGroup, report.key}].push_back({&record, &report});
            if (!record.node.endpoints.address.empty())
                addEndpoint(record.node);
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

    // An address that became free may be that of a newer node before the older one is forgotten.
    void addEndpoint(const Node& node)
    {
        const NodeEndpoints& at = node.endpoints;
        const bool isIpv6 = at.address.find(':') != std::string::npos;
        const std::string endpoint = (isIpv6 ? "[" + at.address + "]" : at.address) + ":" + std::to_string(at.rtmpPort);
        const auto [place, isFree] = m_nodesByEndpoint.emplace(endpoint, node.id);
        if (!isFree && m_model.nodes.at(place->second).node.createdAt < node.createdAt)
            place->second = node.id;
    }

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
    NodeStatus status{record.node,         record.load, record.lastHeard, record.isSealed, limitsOf(model, record),
                      servedBitsOf(record)};
    if (status.node.failure.empty())
        status.node.failure = record.unready;
    return status;
}

}  // namespace

std::shared_ptr<Snapshot> buildSnapshot(const EngineModel& model, std::uint64_t sequence, TimePoint now)
{
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->sequence = sequence;
    snapshot->revision = model.revision;
    snapshot->takenAt = now;
    snapshot->deploymentName = model.options.deploymentName;
    snapshot->nodeGroups = group_status::groups(model, now);
    snapshot->nodes.reserve(model.nodes.size());
    for (const auto& [id, record] : model.nodes)
        snapshot->nodes.push_back(nodeStatus(model, record));
    snapshot->streams = StreamCollector(model).collect();
    snapshot->jobs = job_places::statuses(model);
    snapshot->nodeImages = node_images::statuses(model);
    snapshot->planRevision = model.planRevision;
    snapshot->regions = group_status::regions(model);
    snapshot->defaultRegion = model.defaultRegion;
    snapshot->deployments = group_status::deployments(model, snapshot->nodeGroups);
    snapshot->recentAudit.assign(model.recentAudit.begin(), model.recentAudit.end());
    snapshot->totals = totalsOf(model, snapshot->streams);
    return snapshot;
}

}  // namespace headgate
