#pragma once

#include "core/base/random.h"
#include "core/domain/command.h"
#include "core/domain/metrics.h"
#include "core/domain/route.h"
#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

// Random domain values that keep the shape of real ones: lists sorted as the headers say, keys unique, counts not
// negative, text with everything that is awkward in JSON. One seed gives the same values everywhere.
namespace headgate::testing {

class RandomDomain
{
public:
    explicit RandomDomain(std::uint64_t seed) : m_random(seed) {}

    Random& random() { return m_random; }
    bool coin() { return m_random.below(2) == 0; }
    int upTo(int highest) { return static_cast<int>(m_random.below(static_cast<std::uint64_t>(highest) + 1)); }
    std::int64_t large() { return static_cast<std::int64_t>(m_random.next() >> (1 + m_random.below(60))); }
    double real() { return static_cast<double>(upTo(1'000'000)) / 1000.0; }
    TimePoint instant() { return fromEpochMs(upTo(2'000'000'000) * 1000LL + upTo(999)); }
    std::string name() { return m_random.alphanumeric(1 + upTo(15)); }
    StreamKey streamKey() { return {coin() ? "live" : "live/" + name(), name()}; }

    template <typename E>
    E oneOf(int enumerators)
    {
        return static_cast<E>(upTo(enumerators - 1));
    }

    std::string text()
    {
        static const std::vector<std::string> pieces = {"plain words ", "\"",   "\\", "/", "~", "é", "日本", "\n",
                                                        "\t",           "\x01", "=",  ";", "0", "{", "}",    "null"};
        std::string result;
        for (int i = upTo(6); i > 0; --i)
            result += pieces[m_random.below(pieces.size())];
        return result;
    }

    std::vector<std::string> texts()
    {
        std::vector<std::string> result;
        for (int i = upTo(3); i > 0; --i)
            result.push_back(text());
        return result;
    }

    std::string extensions() { return coin() ? "" : R"({"alpha":[1,-2.5,null],"beta":{"gamma":"é\n"}})"; }

    std::map<std::string, std::string> tags()
    {
        std::map<std::string, std::string> result;
        for (int i = upTo(3); i > 0; --i)
            result[name() + "/~"] = text();
        return result;
    }

    NodeImage image() { return {name(), text(), text(), tags(), extensions()}; }

    Role role()
    {
        Role role{name(),      name(), coin() ? name() : "", oneOf<ParentCardinality>(3), {}, oneOf<RoleLifecycle>(2),
                  extensions()};
        for (int i = upTo(3); i > 0; --i)
            role.capabilities.insert(oneOf<Capability>(5));
        return role;
    }

    ScaleRule rule()
    {
        ScaleRule rule{name(), upTo(5), 5 + upTo(1000), 1 + upTo(10), text(), text(), text(), text(), {}, extensions()};
        if (coin())
            rule.load = LoadScaling{10 + upTo(85), upTo(400), oneOf<Spare>(3)};
        return rule;
    }

    Subgroup subgroup(int depth)
    {
        Subgroup subgroup{name(), text(), text(), {}, {}, extensions()};
        if (depth > 0 && coin())
            subgroup.children = unique<Subgroup>(3, &Subgroup::name, [&] { return this->subgroup(depth - 1); });
        else
            subgroup.rules = unique<ScaleRule>(3, &ScaleRule::roleName, [&] { return rule(); });
        return subgroup;
    }

    NodeGroup nodeGroup()
    {
        NodeGroup group;
        group.name = NodeGroupName(name());
        group.description = text();
        group.cloudPlatform = coin() ? "LOCAL" : "AWS";
        group.cloudProperties = text();
        group.isScalingPaused = coin();
        if (coin())
            group.maxPublishers = upTo(1'000'000);
        if (coin())
            group.maxSubscribers = upTo(1'000'000);
        group.whenFull = oneOf<WhenFull>(2);
        group.publicRouting = oneOf<PublicRouting>(3);
        group.media = mediaSettings();
        group.access = accessSettings();
        group.recording = recordingSettings();
        for (int i = upTo(2); i > 0; --i)
            group.iceServers.push_back({"turn:" + name(), oneOf<IceCredential>(3), text(), text()});
        group.shuffleSizeExpression = text();
        group.images = unique<NodeImage>(3, &NodeImage::name, [&] { return image(); });
        group.roles = unique<Role>(4, &Role::name, [&] { return role(); });
        group.subgroups = unique<Subgroup>(3, &Subgroup::name, [&] { return subgroup(2); });
        group.extensions = extensions();
        return group;
    }

    MediaSettings mediaSettings()
    {
        MediaSettings settings;
        if (coin())
            settings.mergeWindow.milliseconds = upTo(1000);
        settings.latency = oneOf<JoinLatency>(2);
        if (coin())
            settings.srtLatencyMs = upTo(8000);
        if (coin())
            settings.hlsWindowSeconds = upTo(86'400);
        return settings;
    }

    RecordingSettings recordingSettings()
    {
        RecordingSettings settings{coin(), oneOf<RecordingFormat>(2), upTo(600), {}, {}, {}};
        if (coin())
            settings.mostBytes = large();
        if (coin())
            settings.mostHours = upTo(1000);
        if (coin())
            settings.store = S3Settings{text(), text(), text(), text(), text(), text(), coin(), coin()};
        return settings;
    }

    AccessSettings accessSettings()
    {
        AccessSettings settings;
        settings.kind = oneOf<AccessKind>(4);
        settings.roundTrip = {text(), text(), upTo(10'000)};
        settings.digestSecret = text();
        settings.jwt = {oneOf<JwtAlgorithm>(4), text(), text()};
        settings.webhooks = {text(), text(), {}};
        for (int i = upTo(3); i > 0; --i)
            settings.webhooks.muted.insert(oneOf<WebhookCategory>(5));
        return settings;
    }

    CapacityMeasurement measurement()
    {
        CapacityMeasurement measurement{instant(),
                                        1000 + upTo(1'000'000),
                                        mediaSettings().mergeWindow,
                                        1 + upTo(9999),
                                        {},
                                        large(),
                                        real(),
                                        1 + upTo(99),
                                        text(),
                                        text()};
        if (coin())
            measurement.publishersPerCore = 1 + upTo(999);
        return measurement;
    }

    NodeImageRecord nodeImageRecord()
    {
        NodeImageRecord record{"node-" + name(), text(), {}};
        for (int i = upTo(3); i > 0; --i)
            record.measurements.push_back(measurement());
        return record;
    }

    NodeImageStatus nodeImageStatus()
    {
        NodeImageStatus status{
            nodeImageRecord(), m_random.next(), coin() ? TimePoint() : instant(), instant(), text(), {text()}, {}};
        for (int i = upTo(2); i > 0; --i)
            status.uses.push_back({NodeGroupName(name()), name(), {name(), name()}, upTo(99)});
        return status;
    }

    PoolKey poolKey() { return {NodeGroupName(name()), name(), name()}; }

    NodeGroupStatus nodeGroupStatus()
    {
        NodeGroupStatus status;
        status.group = nodeGroup();
        status.version = m_random.next();
        status.createdAt = instant();
        status.updatedAt = instant();
        status.updatedBy = text();
        status.pools = unique<PoolStatus>(4, &PoolStatus::key, [&] {
            PoolStatus pool;
            pool.key = poolKey();
            pool.region = text();
            for (int* count : {&pool.wanted, &pool.ready, &pool.warming, &pool.draining, &pool.unwell, &pool.outdated,
                               &pool.min, &pool.max})
                *count = upTo(9);
            pool.isActive = coin();
            pool.reasons = texts();
            pool.leadTime = Duration(upTo(99'999));
            return pool;
        });
        status.activity = oneOf<GroupActivity>(4);
        status.waitsFor = texts();
        status.configuration = coin() ? "" : name();
        if (coin())
            status.nextChange = instant();
        return status;
    }

    Region region() { return {"region-" + std::to_string(upTo(99)), text(), real() / 12 - 40, 2 * real() / 12 - 80}; }

    RegionStatus regionStatus() { return {region(), m_random.next()}; }

    Deployment deployment()
    {
        Deployment deployment{name(), text(), {}, {}, {}};
        for (int i = upTo(3); i > 0; --i) {
            deployment.nodeGroups.emplace_back(name());
            deployment.demand.push_back({name(), upTo(9), upTo(9999), upTo(4320), upTo(9999), upTo(240)});
            deployment.prices.hourly[name()] = real();
        }
        deployment.prices.currency = deployment.prices.hourly.empty() ? "" : "EUR";
        return deployment;
    }

    DeploymentStatus deploymentStatus()
    {
        return {{deployment(), oneOf<DeploymentPower>(2), coin() ? TimePoint() : instant(), m_random.next(), instant(),
                 instant(), text()},
                oneOf<DeploymentState>(4),
                texts()};
    }

    NodeEndpoints endpoints()
    {
        return {coin() ? "127.77.0.9" : "", static_cast<std::uint16_t>(upTo(65535)),
                static_cast<std::uint16_t>(upTo(65535))};
    }

    Node node()
    {
        Node node;
        node.id = NodeId(m_random.alphanumeric(10));
        node.pool = poolKey();
        node.region = text();
        node.imageName = name();
        node.state = oneOf<NodeState>(9);
        node.health = oneOf<NodeHealth>(5);
        node.stateSince = instant();
        node.createdAt = instant();
        node.reason = text();
        node.failure = text();
        node.endpoints = endpoints();
        node.providerReference = text();
        if (coin())
            node.drainDeadline = instant();
        node.isRetired = coin();
        return node;
    }

    NodeLoad load() { return {real(), large(), upTo(99), upTo(9999), upTo(9), large(), large(), upTo(64)}; }

    NodeLimits limits()
    {
        NodeLimits limits{upTo(9999), large(), {}, oneOf<LimitSource>(2)};
        if (coin())
            limits.publishers = upTo(999);
        return limits;
    }

    NodeStatus nodeStatus() { return {node(), load(), coin() ? TimePoint() : instant(), coin(), limits(), large()}; }

    StreamReport streamReport()
    {
        StreamReport report;
        report.key = streamKey();
        report.isPublishedHere = coin();
        report.publisherAddress = text();
        report.protocol = "rtmp";
        report.epoch = m_random.next();
        report.viewers = upTo(9999);
        report.children = upTo(9);
        report.bitsPerSecond = large();
        report.videoCodec = coin() ? "H.264" : "";
        report.audioCodec = coin() ? "AAC" : "";
        report.width = upTo(7680);
        report.height = upTo(4320);
        report.framesPerSecond = real();
        report.keyFrameIntervalMs = upTo(10000);
        report.sinceLastFrameMs = upTo(10000);
        report.jitterMs = real();
        report.startedAt = instant();
        return report;
    }

    StreamStatus streamStatus()
    {
        StreamStatus status{NodeGroupName(name()), NodeId(name()), streamReport(), upTo(9999), {}};
        status.hops = unique<StreamHop>(4, &StreamHop::node, [&] {
            return StreamHop{NodeId(name()), NodeId(coin() ? name() : ""), upTo(999), large()};
        });
        return status;
    }

    StreamDetails streamDetails()
    {
        StreamDetails details{NodeId(name()), streamReport(), {}, {}, upTo(9999), {}, text()};
        details.timing = {real(), real() - real(), m_random.next(), m_random.next(), m_random.next()};
        for (int i = upTo(3); i > 0; --i)
            details.tracks.push_back({oneOf<TrackKind>(2), upTo(9), text(), text(), upTo(9999), upTo(9999), real(),
                                      real(), upTo(999), upTo(9999), coin(), upTo(96'000), upTo(8), large()});
        for (int i = upTo(3); i > 0; --i)
            details.viewers.push_back({m_random.next(), oneOf<ViewerKind>(2), text(), text(), instant(), large(),
                                       upTo(99'999), large(), large(), real(), m_random.next()});
        return details;
    }

    AuditRecord auditRecord(std::int64_t sequence)
    {
        return {sequence, instant(),         text(),         text(), text(), oneOf<Severity>(3), text(), text(),
                text(),   RequestId(text()), m_random.next()};
    }

    CommandOutcome commandOutcome()
    {
        CommandOutcome outcome{m_random.next(), m_random.next(), {}, {}, upTo(99), upTo(99), coin(), {}};
        for (int i = upTo(3); i > 0; --i) {
            outcome.changes.push_back({text(), text(), text()});
            outcome.effects.push_back(text());
            outcome.plan.windows.push_back({name(), instant(), instant()});
            outcome.plan.changes.push_back(
                {poolKey(), instant(), instant(), coin(), coin(), upTo(9), upTo(9), upTo(9), upTo(9)});
            outcome.plan.findings.push_back({"C" + std::to_string(1 + upTo(7)), instant(), instant(), text()});
        }
        outcome.plan.itemId = coin() ? "" : name();
        return outcome;
    }

    MetricSeries metricSeries()
    {
        MetricSeries series{{oneOf<MetricScope>(5), text()}, {}};
        for (int i = upTo(9); i > 0; --i)
            series.samples.push_back({instant(), upTo(999), large(), large(), real(), real(), upTo(99)});
        return series;
    }

    RouteTarget routeTarget() { return {NodeId(name()), poolKey(), oneOf<NodeState>(9), endpoints(), upTo(999)}; }

    Snapshot snapshot()
    {
        Snapshot snapshot;
        snapshot.sequence = m_random.next();
        snapshot.revision = m_random.next();
        snapshot.takenAt = instant();
        snapshot.deploymentName = text();
        snapshot.nodeGroups = unique<NodeGroupStatus>(
            3, [](const NodeGroupStatus& s) { return s.group.name; }, [&] { return nodeGroupStatus(); });
        snapshot.nodes = unique<NodeStatus>(
            5, [](const NodeStatus& s) { return s.node.id; }, [&] { return nodeStatus(); });
        snapshot.streams = unique<StreamStatus>(
            4, [](const StreamStatus& s) { return std::pair(s.nodeGroup, s.ingest.key); },
            [&] { return streamStatus(); });
        snapshot.nodeImages = unique<NodeImageStatus>(
            3, [](const NodeImageStatus& s) { return s.record.name; }, [&] { return nodeImageStatus(); });
        snapshot.planRevision = m_random.next();
        snapshot.regions = unique<RegionStatus>(
            5, [](const RegionStatus& s) { return s.region.name; }, [&] { return regionStatus(); });
        snapshot.defaultRegion = coin() ? "" : name();
        snapshot.deployments = unique<DeploymentStatus>(
            3, [](const DeploymentStatus& s) { return s.stored.deployment.name; }, [&] { return deploymentStatus(); });
        snapshot.recentAudit = audit(100 + upTo(100), upTo(50));
        snapshot.totals = {upTo(999), upTo(99), upTo(99), large(), large(), large()};
        snapshot.storeFailure = coin() ? "" : text();
        return snapshot;
    }

    // What `before` may have become after some time: parts changed, gone and new.
    Snapshot successor(const Snapshot& before)
    {
        const Snapshot fresh = snapshot();
        Snapshot after = before;
        after.sequence = before.sequence + 1;
        after.takenAt = fresh.takenAt;
        after.totals = fresh.totals;
        if (coin())
            after.storeFailure = fresh.storeFailure;
        blend(
            after.nodeGroups, fresh.nodeGroups, [](const NodeGroupStatus& s) { return s.group.name; },
            [&](NodeGroupStatus& s) { s.version += 1; });
        blend(
            after.nodes, fresh.nodes, [](const NodeStatus& s) { return s.node.id; },
            [&](NodeStatus& s) { s.load = load(); });
        blend(
            after.streams, fresh.streams, [](const StreamStatus& s) { return std::pair(s.nodeGroup, s.ingest.key); },
            [&](StreamStatus& s) { s.viewers += 1; });
        blend(
            after.nodeImages, fresh.nodeImages, [](const NodeImageStatus& s) { return s.record.name; },
            [&](NodeImageStatus& s) { s.version += 1; });
        blend(
            after.regions, fresh.regions, [](const RegionStatus& s) { return s.region.name; },
            [&](RegionStatus& s) { s.version += 1; });
        blend(
            after.deployments, fresh.deployments, [](const DeploymentStatus& s) { return s.stored.deployment.name; },
            [&](DeploymentStatus& s) { s.waitsFor = texts(); });
        if (coin())
            after.defaultRegion = fresh.defaultRegion;
        after.planRevision += coin() ? 1 : 0;
        const std::int64_t newest = before.recentAudit.empty() ? 0 : before.recentAudit.front().sequence;
        const std::vector<AuditRecord> added = audit(newest + 2 + upTo(60), upTo(3));
        after.recentAudit.insert(after.recentAudit.begin(), added.begin(), added.end());
        if (after.recentAudit.size() > 50)
            after.recentAudit.erase(after.recentAudit.begin() + 50, after.recentAudit.end());
        return after;
    }

private:
    std::vector<AuditRecord> audit(std::int64_t newest, int count)
    {
        std::vector<AuditRecord> records;
        for (int i = 0; i < count; ++i)
            records.push_back(auditRecord(newest - i));
        return records;
    }

    template <typename T, typename Key, typename Make>
    static std::vector<T> unique(int atMost, Key key, Make make)
    {
        // Short names collide now and then; a few elements less do no harm.
        std::vector<T> elements;
        for (int i = 0; i < atMost; ++i)
            elements.push_back(make());
        std::ranges::sort(elements, {}, key);
        const auto rest = std::ranges::unique(elements, {}, key);
        elements.erase(rest.begin(), rest.end());
        return elements;
    }

    template <typename T, typename Key, typename Change>
    void blend(std::vector<T>& elements, const std::vector<T>& fresh, Key key, Change change)
    {
        std::erase_if(elements, [&](const T&) { return upTo(3) == 0; });
        for (T& element : elements) {
            if (coin())
                change(element);
        }
        for (const T& element : fresh) {
            if (coin())
                elements.push_back(element);
        }
        std::ranges::stable_sort(elements, {}, key);
        const auto rest = std::ranges::unique(elements, {}, key);
        elements.erase(rest.begin(), rest.end());
    }

    Random m_random;
};

}  // namespace headgate::testing
