#pragma once

#include "core/domain/snapshot.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace headgate::test {

// Hand-made snapshots for tests of the console, without an engine: groups with two roles, nodes, streams.
class SnapshotBuilder
{
public:
    explicit SnapshotBuilder(TimePoint now = fromEpochMs(1'814'121'738'000))
    {
        m_snapshot.sequence = 1;
        m_snapshot.revision = 41;
        m_snapshot.takenAt = now;
        m_snapshot.deploymentName = "Laptop lab";
    }

    // A group with one origin pool in the first region and an edge pool in each.
    SnapshotBuilder& group(const std::string& name, const std::vector<std::string>& regions, int edges = 2)
    {
        NodeGroupStatus status;
        status.group.name = NodeGroupName(name);
        status.group.description = "Sample group " + name;
        status.group.cloudPlatform = "LOCAL";
        status.group.images = {{"media", "node-0.1", "", {}, ""}};
        status.group.roles = {{"edge", "media", "origin", ParentCardinality::Global, {Capability::Subscribe}, {}, ""},
                              {"origin", "media", "", ParentCardinality::Global, {Capability::Publish}, {}, ""}};
        for (const std::string& region : regions) {
            Subgroup subgroup;
            subgroup.name = region.substr(0, 16);
            subgroup.cloudProperties = "region=" + region;
            subgroup.rules.push_back(rule("edge", edges));
            if (region == regions.front())
                subgroup.rules.push_back(rule("origin", 1));
            status.group.subgroups.push_back(subgroup);
            status.pools.push_back(pool(name, region, "edge", edges));
            if (region == regions.front())
                status.pools.push_back(pool(name, region, "origin", 1));
        }
        status.version = 3;
        status.createdAt = m_snapshot.takenAt - std::chrono::hours(2);
        status.updatedAt = m_snapshot.takenAt - std::chrono::minutes(12);
        status.updatedBy = "console";
        m_snapshot.nodeGroups.push_back(status);
        return *this;
    }

    // A node in service; `id` has 10 characters. Later calls to lastNode() change it.
    SnapshotBuilder& node(const std::string& id, const std::string& group, const std::string& region,
                          const std::string& role, int viewers = 0)
    {
        NodeStatus status;
        status.node.id = NodeId(id);
        status.node.pool = {NodeGroupName(group), region.substr(0, 16), role};
        status.node.region = region;
        status.node.imageName = "media";
        status.node.state = NodeState::InService;
        status.node.createdAt = m_snapshot.takenAt - std::chrono::hours(1);
        status.node.stateSince = m_snapshot.takenAt - std::chrono::minutes(58);
        status.node.reason = "Pool " + status.node.pool.subgroup + "/" + role + " wants 2 nodes and had 1.";
        status.node.endpoints.address = "127.77.0." + std::to_string(m_snapshot.nodes.size() + 1);
        status.load.cpuPercent = 4.0 + viewers * 0.1;
        status.load.memoryBytes = 31'000'000;
        status.load.subscribers = viewers;
        status.load.publishers = role == "origin" ? 1 : 0;
        status.load.bitsInPerSecond = 2'500'000;
        status.load.bitsOutPerSecond = 2'500'000LL * viewers;
        status.lastHeard = m_snapshot.takenAt - std::chrono::milliseconds(400);
        m_snapshot.nodes.push_back(status);
        return *this;
    }

    // An image that `group` uses, measured `viewersPerCore` (0: not described).
    SnapshotBuilder& image(const std::string& name, const std::string& group, int viewersPerCore = 0)
    {
        NodeImageStatus status;
        status.record.name = name;
        status.softwareVersions = {"0.1.0"};
        status.uses = {{NodeGroupName(group), "media", {"edge", "origin"}, 4}};
        if (viewersPerCore > 0) {
            CapacityMeasurement measurement;
            measurement.measuredAt = m_snapshot.takenAt - std::chrono::hours(30);
            measurement.viewersPerCore = viewersPerCore;
            measurement.bitsOutPerSecond = viewersPerCore * 1'510'000LL;
            measurement.cpuSecondsPerGbit = 0.21;
            measurement.cores = 8;
            measurement.machine = "AMD EPYC 7763 64-Core Processor, Linux 6.1.0";
            measurement.toolVersion = "0.1.0";
            CapacityMeasurement older = measurement;
            older.measuredAt -= std::chrono::hours(700);
            older.viewersPerCore -= 180;
            older.mergeWindow.milliseconds = 100;
            status.record.description = "As delivered";
            status.record.measurements = {measurement, older};
            status.version = 3;
            status.updatedBy = "admin";
        }
        m_snapshot.nodeImages.push_back(status);
        return *this;
    }

    // Of some groups, with prices and an audience that was expected.
    SnapshotBuilder& deployment(const std::string& name, const std::vector<std::string>& groups,
                                DeploymentState state = DeploymentState::Active)
    {
        DeploymentStatus status;
        status.stored.deployment.name = name;
        status.stored.deployment.description = "Sample deployment " + name;
        for (const std::string& group : groups)
            status.stored.deployment.nodeGroups.emplace_back(group);
        status.stored.deployment.demand = {{"eu-central-1", 2, 4000}, {"eu-west-2", 0, 1500}};
        status.stored.deployment.prices = {"EUR", {{"edge", 0.21}, {"origin", 0.34}}};
        const bool isStopped = state == DeploymentState::Stopping || state == DeploymentState::Stopped;
        status.stored.power = isStopped ? DeploymentPower::Stopped : DeploymentPower::Running;
        status.stored.version = 5;
        status.stored.updatedAt = m_snapshot.takenAt - std::chrono::minutes(31);
        status.stored.updatedBy = "admin";
        status.state = state;
        if (state == DeploymentState::Starting)
            status.waitsFor = {"1 of 2 edges in eu-west-2 is not ready."};
        if (state == DeploymentState::Stopping)
            status.waitsFor = {"12 viewers in us-east-1 keep their edge."};
        m_snapshot.deployments.push_back(status);
        return *this;
    }

    // The ten regions that are built in, and one that somebody added.
    SnapshotBuilder& regions()
    {
        for (const Region& region : builtInRegions())
            m_snapshot.regions.push_back({region, 0});
        m_snapshot.regions.push_back({{"iceland-1", "Reykjavik, Iceland", 64.1, -21.9}, 4});
        std::sort(m_snapshot.regions.begin(), m_snapshot.regions.end(),
                  [](auto& a, auto& b) { return a.region.name < b.region.name; });
        m_snapshot.defaultRegion = "europe-central";
        return *this;
    }

    NodeStatus& lastNode() { return m_snapshot.nodes.back(); }
    StreamStatus& lastStream() { return m_snapshot.streams.back(); }

    // A stream from `origin` to `edges`, each with `viewersPerEdge`.
    SnapshotBuilder& stream(const std::string& group, const std::string& scope, const std::string& name,
                            const std::string& origin, const std::vector<std::string>& edges, int viewersPerEdge = 3)
    {
        StreamStatus status;
        status.nodeGroup = NodeGroupName(group);
        status.origin = NodeId(origin);
        status.ingest.key = {scope, name};
        status.ingest.isPublishedHere = true;
        status.ingest.publisherAddress = "127.0.0.1:40112";
        status.ingest.protocol = "rtmp";
        status.ingest.epoch = 1;
        status.ingest.children = static_cast<int>(edges.size());
        status.ingest.bitsPerSecond = 2'500'000;
        status.ingest.videoCodec = "H.264";
        status.ingest.audioCodec = "AAC";
        status.ingest.width = 1280;
        status.ingest.height = 720;
        status.ingest.framesPerSecond = 30;
        status.ingest.keyFrameIntervalMs = 1000;
        status.ingest.sinceLastFrameMs = 33;
        status.ingest.startedAt = m_snapshot.takenAt - std::chrono::minutes(41);
        for (const std::string& edge : edges) {
            status.hops.push_back({NodeId(edge), NodeId(origin), viewersPerEdge, 2'500'000});
            status.viewers += viewersPerEdge;
        }
        m_snapshot.streams.push_back(status);
        return *this;
    }

    // What a node does for a stream; one that is Live has a throughput.
    SnapshotBuilder& job(const std::string& id, JobKind kind, JobState state, const std::string& node,
                         const std::string& target, const std::string& reason = {})
    {
        JobStatus status;
        status.nodeGroup = NodeGroupName("eu-live");
        status.node = NodeId(node);
        status.report.id = id;
        status.report.kind = kind;
        status.report.state = state;
        status.report.stream = {"live", id};
        status.report.target = target;
        status.report.reason = reason;
        status.report.since = m_snapshot.takenAt - std::chrono::minutes(17);
        status.report.attempts = state == JobState::Retrying ? 4 : 1;
        status.report.bytes = 318'000'000;
        status.report.bitsPerSecond = state == JobState::Live ? 2'500'000 : 0;
        m_snapshot.jobs.push_back(status);
        return *this;
    }

    SnapshotBuilder& event(const std::string& sentence, Severity severity = Severity::Info)
    {
        AuditRecord record;
        record.sequence = static_cast<std::int64_t>(m_snapshot.recentAudit.size()) + 1;
        record.at = m_snapshot.takenAt - std::chrono::seconds(600 - 10 * record.sequence);
        record.actor = "engine";
        record.verb = "node.start";
        record.object = "node-group/eu-live";
        record.severity = severity;
        record.sentence = sentence;
        record.revision = m_snapshot.revision;
        m_snapshot.recentAudit.insert(m_snapshot.recentAudit.begin(), record);
        return *this;
    }

    SnapshotPtr build()
    {
        Snapshot s = m_snapshot;
        std::sort(s.nodes.begin(), s.nodes.end(), [](auto& a, auto& b) { return a.node.id < b.node.id; });
        countPools(s);
        s.totals = {};
        for (const StreamStatus& one : s.streams) {
            s.totals.viewers += one.viewers;
            s.totals.bitsInPerSecond += one.ingest.bitsPerSecond;
            s.totals.bitsOutPerSecond += one.ingest.bitsPerSecond * one.viewers;
            s.totals.bitsBetweenPerSecond += one.ingest.bitsPerSecond * static_cast<std::int64_t>(one.hops.size());
        }
        s.totals.streams = static_cast<int>(s.streams.size());
        s.totals.publishers = s.totals.streams;
        return std::make_shared<const Snapshot>(std::move(s));
    }

    // The present snapshot, then moves on: the next one is `step` later with a higher sequence.
    SnapshotPtr buildAndStep(Duration step = std::chrono::seconds(1))
    {
        SnapshotPtr built = build();
        ++m_snapshot.sequence;
        m_snapshot.takenAt += step;
        return built;
    }

private:
    static ScaleRule rule(const std::string& role, int count)
    {
        ScaleRule made;
        made.roleName = role;
        made.min = count;
        made.max = count * 4;
        return made;
    }
    static PoolStatus pool(const std::string& group, const std::string& region, const std::string& role, int wanted)
    {
        PoolStatus status;
        status.key = {NodeGroupName(group), region.substr(0, 16), role};
        status.region = region;
        status.wanted = wanted;
        status.min = wanted;
        status.max = wanted * 4;
        status.reasons = {"the group's own rule"};
        return status;
    }
    static void countPools(Snapshot& s)
    {
        for (NodeGroupStatus& group : s.nodeGroups)
            for (PoolStatus& one : group.pools)
                for (const NodeStatus& status : s.nodes)
                    if (status.node.pool == one.key)
                        count(one, status.node);
    }
    static void count(PoolStatus& pool, const Node& node)
    {
        if (node.health != NodeHealth::Healthy)
            ++pool.unwell;
        else if (node.state < NodeState::InService)
            ++pool.warming;
        else if (node.state == NodeState::InService)
            ++pool.ready;
        else
            ++pool.draining;
    }

    Snapshot m_snapshot;
};

// Two regions, seven nodes (one warming, one draining, one dead), three streams, four jobs, one deployment of one of
// two groups, five events.
inline SnapshotBuilder sampleCluster()
{
    SnapshotBuilder b;
    b.group("eu-live", {"eu-central-1", "eu-west-2"}, 2).group("us-live", {"us-east-1"}, 1);
    b.node("aOriginFra", "eu-live", "eu-central-1", "origin");
    b.node("bEdgeFra01", "eu-live", "eu-central-1", "edge", 61);
    b.node("cEdgeFra02", "eu-live", "eu-central-1", "edge", 42);
    b.node("dEdgeLon01", "eu-live", "eu-west-2", "edge", 38);
    b.node("eEdgeLon02", "eu-live", "eu-west-2", "edge");
    b.lastNode().node.state = NodeState::Started;
    b.node("fOriginIad", "us-live", "us-east-1", "origin");
    b.node("gEdgeIad01", "us-live", "us-east-1", "edge", 12);
    b.lastNode().node.state = NodeState::SoftSunset;
    b.lastNode().node.drainDeadline = b.lastNode().node.stateSince + std::chrono::hours(2);
    b.node("hEdgeIad02", "us-live", "us-east-1", "edge");
    b.lastNode().node.health = NodeHealth::Dead;
    b.lastNode().node.failure = "The process was killed by signal 9.";
    b.stream("eu-live", "live", "cup-final", "aOriginFra", {"bEdgeFra01", "cEdgeFra02", "dEdgeLon01"}, 33);
    b.stream("eu-live", "live", "fan-zone", "aOriginFra", {"bEdgeFra01"}, 28);
    b.stream("us-live", "cam/tunnel", "one", "fOriginIad", {"gEdgeIad01"}, 12);
    b.image("node-0.1", "eu-live", 2480).image("node-0.2-rc1", "us-live");
    b.regions().deployment("Europe", {"eu-live"}, DeploymentState::Starting);
    b.job("archive", JobKind::Recording, JobState::Waiting, "aOriginFra", "recordings/eu-live",
          "Waits for its stream.");
    b.job("gate-camera", JobKind::Source, JobState::Live, "aOriginFra", "rtsp://10.1.4.20/");
    b.job("partner", JobKind::Push, JobState::Retrying, "bEdgeFra01", "rtmps://partner.example/in",
          "The connection was refused. The next attempt is in 12 s.");
    b.job("social", JobKind::Push, JobState::Failed, "", "rtmps://live.example/app",
          "The service does not take this stream key.");
    b.event("2 edges were requested in eu-central-1.");
    b.event("Node hEdgeIad02 was killed by signal 9.", Severity::Critical);
    b.event("Node gEdgeIad01 takes no new sessions.", Severity::Warning);
    b.event("live/cup-final went on air on node aOriginFra.");
    b.event("Node group us-live was created.");
    return b;
}

// The same while eu-live changes its image: one of its nodes is new already.
inline SnapshotPtr rollingCluster()
{
    Snapshot snapshot = *sampleCluster().build();
    NodeGroupStatus& group = snapshot.nodeGroups.front();
    group.group.images.front().image = "node-0.2-rc1";
    for (PoolStatus& pool : group.pools)
        pool.outdated = pool.ready;
    --group.pools.front().outdated;
    for (NodeStatus& status : snapshot.nodes)
        if (status.node.pool.nodeGroup == group.group.name)
            status.node.launchedImage = status.node.id.value == "cEdgeFra02" ? "node-0.2-rc1" : "node-0.1";
    return std::make_shared<const Snapshot>(std::move(snapshot));
}

}  // namespace headgate::test
