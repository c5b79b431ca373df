#pragma once

#include "core/base/digest.h"
#include "core/domain/command.h"
#include "core/domain/metrics.h"
#include "core/domain/route.h"
#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"
#include "core/wire/native_image_fields.h"
#include "core/wire/native_media_fields.h"
#include "core/wire/native_place_fields.h"
#include "core/wire/native_plan_fields.h"

#include <type_traits>

// The members of every native document, each named once for both directions (see json_reader.h).
namespace headgate::native {

// --- node groups ---

void describe(auto& f, Either<NodeImage> auto& image)
{
    f.required("name", image.name);
    f.optional("image", image.image);
    f.optional("cloudProperties", image.cloudProperties);
    f.optional("tags", image.tags);
    f.extensions(image.extensions);
}

void describe(auto& f, Either<Role> auto& role)
{
    f.required("name", role.name);
    f.required("imageName", role.imageName);
    f.optional("parentRoleName", role.parentRoleName);
    f.optional("parentCardinality", role.parentCardinality);
    f.optional("capabilities", role.capabilities);
    f.optional("lifecycle", role.lifecycle);
    f.extensions(role.extensions);
}

void describe(auto& f, Either<LoadScaling> auto& load)
{
    f.optional("targetPercent", load.targetPercent);
    f.optional("bufferPercent", load.bufferPercent);
    f.optional("spare", load.spare);
    f.optional("standby", load.standby);
}

void describe(auto& f, Either<ScaleRule> auto& rule)
{
    f.required("roleName", rule.roleName);
    f.required("min", rule.min);
    f.required("max", rule.max);
    f.optional("increment", rule.increment);
    f.optional("outExpression", rule.outExpression);
    f.optional("inExpression", rule.inExpression);
    f.optional("capacityRankingExpression", rule.capacityRankingExpression);
    f.optional("capacityLimitExpression", rule.capacityLimitExpression);
    f.optional("load", rule.load);
    f.extensions(rule.extensions);
}

void describe(auto& f, Either<Subgroup> auto& subgroup)
{
    f.required("name", subgroup.name);
    f.optional("groupType", subgroup.groupType);
    f.optional("cloudProperties", subgroup.cloudProperties);
    f.optional("children", subgroup.children);
    f.optional("rules", subgroup.rules);
    f.extensions(subgroup.extensions);
}

void describe(auto& f, Either<RoundTripSettings> auto& settings)
{
    f.optional("validateUrl", settings.validateUrl);
    f.optional("invalidateUrl", settings.invalidateUrl);
    f.optional("timeoutMs", settings.timeoutMs);
}

void describe(auto& f, Either<JwtSettings> auto& settings)
{
    f.optional("algorithm", settings.algorithm);
    f.optional("publicKey", settings.publicKey);
    f.optional("secret", settings.secret);
}

void describe(auto& f, Either<WebhookSettings> auto& settings)
{
    f.optional("url", settings.url);
    f.optional("secret", settings.secret);
    f.optional("muted", settings.muted);
}

void describe(auto& f, Either<AccessSettings> auto& settings)
{
    f.optional("kind", settings.kind);
    f.optional("roundTrip", settings.roundTrip);
    f.optional("digestSecret", settings.digestSecret);
    f.optional("jwt", settings.jwt);
    f.optional("webhooks", settings.webhooks);
}

void describe(auto& f, Either<NodeGroup> auto& group)
{
    f.required("name", group.name);
    f.optional("description", group.description);
    f.required("cloudPlatform", group.cloudPlatform);
    f.optional("cloudProperties", group.cloudProperties);
    f.optional("isScalingPaused", group.isScalingPaused);
    f.optional("maxPublishers", group.maxPublishers);
    f.optional("maxSubscribers", group.maxSubscribers);
    f.optional("whenFull", group.whenFull);
    f.optional("publicRouting", group.publicRouting);
    f.optional("media", group.media);
    f.optional("access", group.access);
    f.optional("recording", group.recording);
    f.optional("iceServers", group.iceServers);
    f.optional("shuffleSizeExpression", group.shuffleSizeExpression);
    f.required("images", group.images);
    f.required("roles", group.roles);
    f.required("subgroups", group.subgroups);
    f.extensions(group.extensions);
}

void describe(auto& f, Either<PoolStatus> auto& pool)
{
    f.required("key", pool.key);
    f.required("region", pool.region);
    f.required("wanted", pool.wanted);
    f.required("ready", pool.ready);
    f.required("warming", pool.warming);
    f.optional("standby", pool.standby);
    f.required("draining", pool.draining);
    f.required("unwell", pool.unwell);
    f.required("outdated", pool.outdated);
    f.required("isActive", pool.isActive);
    f.required("min", pool.min);
    f.required("max", pool.max);
    f.required("reasons", pool.reasons);
    f.required("leadTimeMs", pool.leadTime);
}

// By the names of all subgroups of the group; empty while nobody knows whence it came.
inline std::map<std::string, std::string> subgroupUids(const NodeGroupStatus& status)
{
    std::map<std::string, std::string> uids;
    const auto add = [&](const auto& self, const std::vector<Subgroup>& subgroups) -> void {
        for (const Subgroup& subgroup : subgroups) {
            const std::string& group = status.origin.uid;
            if (!group.empty())
                uids[subgroup.name] = toHex(sha256(group + '/' + subgroup.name)).substr(0, group.size());
            self(self, subgroup.children);
        }
    };
    add(add, status.group.subgroups);
    return uids;
}

void describe(auto& f, Either<NodeGroupStatus> auto& status)
{
    f.required("group", status.group);
    f.required("version", status.version);
    f.required("createdAt", status.createdAt);
    f.required("updatedAt", status.updatedAt);
    f.required("updatedBy", status.updatedBy);
    f.optional("uid", status.origin.uid);
    f.optional("createdBy", status.origin.createdBy);
    auto uids = subgroupUids(status);  // made of the rest, so that what is read of it does not matter
    f.optional("subgroupUids", uids);
    f.required("pools", status.pools);
    f.required("activity", status.activity);
    f.required("waitsFor", status.waitsFor);
    f.required("configuration", status.configuration);
    f.required("nextChange", status.nextChange);
}

// --- nodes ---

void describe(auto& f, Either<NodeEndpoints> auto& endpoints)
{
    f.required("address", endpoints.address);
    f.required("rtmpPort", endpoints.rtmpPort);
    f.required("httpPort", endpoints.httpPort);
    f.optional("rtmpsPort", endpoints.rtmpsPort);
    f.optional("srtPort", endpoints.srtPort);
    f.optional("rtspPort", endpoints.rtspPort);
    f.optional("webrtcPort", endpoints.webrtcPort);
    f.optional("httpsPort", endpoints.httpsPort);
}

void describe(auto& f, Either<NodeLoad> auto& load)
{
    f.required("cpuPercent", load.cpuPercent);
    f.required("memoryBytes", load.memoryBytes);
    f.required("publishers", load.publishers);
    f.required("subscribers", load.subscribers);
    f.required("children", load.children);
    f.required("bitsInPerSecond", load.bitsInPerSecond);
    f.required("bitsOutPerSecond", load.bitsOutPerSecond);
    f.optional("cores", load.cores);
    f.optional("srt", load.srt);
}

void describe(auto& f, Either<Node> auto& node)
{
    f.required("id", node.id);
    f.required("pool", node.pool);
    f.required("region", node.region);
    f.required("imageName", node.imageName);
    f.optional("launchedImage", node.launchedImage);
    f.optional("launchedCapabilities", node.launchedCapabilities);
    f.required("state", node.state);
    f.required("health", node.health);
    f.required("stateSince", node.stateSince);
    f.required("createdAt", node.createdAt);
    f.required("reason", node.reason);
    f.required("failure", node.failure);
    f.required("endpoints", node.endpoints);
    f.optional("drainDeadline", node.drainDeadline);
    f.optional("isRetired", node.isRetired);
    f.required("providerReference", node.providerReference);
}

void describe(auto& f, Either<NodeStatus> auto& status)
{
    f.required("node", status.node);
    f.required("load", status.load);
    f.instantOrNever("lastHeard", status.lastHeard);
    f.required("isSealed", status.isSealed);
    f.required("limits", status.limits);
    f.required("servedBitsPerSecond", status.servedBitsPerSecond);
}

// --- streams ---

void describe(auto& f, Either<StreamReport> auto& report)
{
    f.required("stream", report.key);
    f.required("isPublishedHere", report.isPublishedHere);
    f.required("publisherAddress", report.publisherAddress);
    f.required("protocol", report.protocol);
    f.required("epoch", report.epoch);
    f.required("viewers", report.viewers);
    f.required("children", report.children);
    f.required("bitsPerSecond", report.bitsPerSecond);
    f.required("videoCodec", report.videoCodec);
    f.required("audioCodec", report.audioCodec);
    f.required("width", report.width);
    f.required("height", report.height);
    f.required("framesPerSecond", report.framesPerSecond);
    f.required("keyFrameIntervalMs", report.keyFrameIntervalMs);
    f.required("sinceLastFrameMs", report.sinceLastFrameMs);
    f.optional("jitterMs", report.jitterMs);
    f.required("startedAt", report.startedAt);
}

void describe(auto& f, Either<StreamHop> auto& hop)
{
    f.required("node", hop.node);
    f.required("parent", hop.parent);
    f.required("viewers", hop.viewers);
    f.required("bitsPerSecond", hop.bitsPerSecond);
}

void describe(auto& f, Either<StreamStatus> auto& status)
{
    f.required("nodeGroup", status.nodeGroup);
    f.required("origin", status.origin);
    f.required("ingest", status.ingest);
    f.required("viewers", status.viewers);
    f.required("hops", status.hops);
}

void describe(auto& f, Either<StreamTrack> auto& track)
{
    f.required("kind", track.kind);
    f.required("number", track.number);
    f.required("codec", track.codec);
    f.required("profile", track.profile);
    f.required("width", track.width);
    f.required("height", track.height);
    f.required("framesPerSecond", track.framesPerSecond);
    f.required("declaredFramesPerSecond", track.declaredFramesPerSecond);
    f.required("gopFrames", track.gopFrames);
    f.required("gopMs", track.gopMs);
    f.required("hasBFrames", track.hasBFrames);
    f.required("sampleRate", track.sampleRate);
    f.required("channels", track.channels);
    f.required("bitsPerSecond", track.bitsPerSecond);
}

void describe(auto& f, Either<StreamTiming> auto& timing)
{
    f.required("jitterMs", timing.jitterMs);
    f.required("driftMs", timing.driftMs);
    f.required("timestampJumps", timing.timestampJumps);
    f.required("skips", timing.skips);
    f.required("framesSkipped", timing.framesSkipped);
}

void describe(auto& f, Either<StreamViewer> auto& viewer)
{
    f.required("id", viewer.id);
    f.required("kind", viewer.kind);
    f.required("protocol", viewer.protocol);
    f.required("address", viewer.address);
    f.required("connectedAt", viewer.connectedAt);
    f.required("bitsPerSecond", viewer.bitsPerSecond);
    f.required("lagMs", viewer.lagMs);
    f.required("waitingBytes", viewer.waitingBytes);
    f.required("kernelBytes", viewer.kernelBytes);
    f.required("roundTripMs", viewer.roundTripMs);
    f.required("skips", viewer.skips);
}

void describe(auto& f, Either<StreamDetails> auto& details)
{
    f.required("node", details.node);
    f.required("report", details.report);
    f.required("tracks", details.tracks);
    f.required("timing", details.timing);
    f.required("viewerCount", details.viewerCount);
    f.required("viewers", details.viewers);
    f.optional("note", details.note);
}

void describe(auto& f, Either<RouteTarget> auto& target)
{
    f.required("node", target.node);
    f.required("pool", target.pool);
    f.required("state", target.state);
    f.required("endpoints", target.endpoints);
    f.required("subscribers", target.subscribers);
}

void describe(auto& f, Either<RouteOption> auto& option)
{
    f.required("node", option.node);
    f.required("pool", option.pool);
    f.required("region", option.region);
    f.required("place", option.place);
    f.required("why", option.why);
}

void describe(auto& f, Either<RouteExplanation> auto& explanation)
{
    f.required("outcome", explanation.outcome);
    f.required("steps", explanation.steps);
    f.required("options", explanation.options);
}

// --- audit, commands, metrics, the whole ---

void describe(auto& f, Either<AuditRecord> auto& record)
{
    f.required("sequence", record.sequence);
    f.required("at", record.at);
    f.required("actor", record.actor);
    f.required("verb", record.verb);
    f.required("object", record.object);
    f.required("severity", record.severity);
    f.required("sentence", record.sentence);
    f.required("before", record.before);
    f.required("after", record.after);
    f.required("requestId", record.requestId);
    f.required("revision", record.revision);
}

void describe(auto& f, Either<FieldChange> auto& change)
{
    f.required("pointer", change.pointer);
    f.required("before", change.before);
    f.required("after", change.after);
}

void describe(auto& f, Either<CommandOutcome> auto& outcome)
{
    f.required("version", outcome.version);
    f.required("revision", outcome.revision);
    f.required("changes", outcome.changes);
    f.required("effects", outcome.effects);
    f.required("viewersAffected", outcome.viewersAffected);
    f.required("publishersAffected", outcome.publishersAffected);
    f.required("isDryRun", outcome.isDryRun);
    f.optional("plan", outcome.plan);
}

void describe(auto& f, Either<MetricKey> auto& key)
{
    f.required("scope", key.scope);
    f.required("name", key.name);
}

void describe(auto& f, Either<MetricSample> auto& sample)
{
    f.required("at", sample.at);
    f.required("viewers", sample.viewers);
    f.required("bitsInPerSecond", sample.bitsInPerSecond);
    f.required("bitsOutPerSecond", sample.bitsOutPerSecond);
    f.required("cpuPercent", sample.cpuPercent);
    f.optional("jitterMs", sample.jitterMs);
    f.optional("nodes", sample.nodes);
}

void describe(auto& f, Either<MetricSeries> auto& series)
{
    f.required("key", series.key);
    f.required("samples", series.samples);
}

void describe(auto& f, Either<ClusterTotals> auto& totals)
{
    f.required("viewers", totals.viewers);
    f.required("publishers", totals.publishers);
    f.required("streams", totals.streams);
    f.required("bitsInPerSecond", totals.bitsInPerSecond);
    f.required("bitsOutPerSecond", totals.bitsOutPerSecond);
    f.required("bitsBetweenPerSecond", totals.bitsBetweenPerSecond);
}

void describe(auto& f, Either<Snapshot> auto& snapshot)
{
    f.required("sequence", snapshot.sequence);
    f.required("revision", snapshot.revision);
    f.required("takenAt", snapshot.takenAt);
    f.required("deploymentName", snapshot.deploymentName);
    f.required("nodeGroups", snapshot.nodeGroups);
    f.required("nodes", snapshot.nodes);
    f.required("streams", snapshot.streams);
    f.required("nodeImages", snapshot.nodeImages);
    f.optional("jobs", snapshot.jobs);
    f.required("planRevision", snapshot.planRevision);
    f.required("regions", snapshot.regions);
    f.required("defaultRegion", snapshot.defaultRegion);
    f.required("deployments", snapshot.deployments);
    f.required("recentAudit", snapshot.recentAudit);
    f.required("totals", snapshot.totals);
    f.required("storeFailure", snapshot.storeFailure);
}

}  // namespace headgate::native
