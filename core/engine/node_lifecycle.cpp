#include "core/engine/node_lifecycle.h"

#include "core/engine/audit_text.h"
#include "core/engine/health.h"
#include "core/engine/reconciler.h"

#include <algorithm>
#include <ranges>

namespace headgate::node_lifecycle {

namespace {

constexpr Duration backOffMemory{120'000};  // a failure this long after the last one counts as the first
constexpr int maxBackOffSeconds = 30;
constexpr std::size_t longestReason = 300;  // of what a node says of itself, in bytes

// 1, 2, 4, 8, 16, 30, 30 ... seconds until the pool's next launch.
void backOff(StepWriter& writer, const PoolKey& pool)
{
    BackOff& entry = writer.model().backOffs[pool];
    if (writer.now() - entry.lastFailure > backOffMemory)
        entry.failures = 0;
    const int seconds = entry.failures >= 5 ? maxBackOffSeconds : 1 << entry.failures;
    ++entry.failures;
    entry.lastFailure = writer.now();
    entry.notBefore = writer.now() + std::chrono::seconds(seconds);
}

void declareDead(StepWriter& writer, NodeRecord& record, std::string why)
{
    record.node.failure = std::move(why);
    writer.setHealth(record, NodeHealth::Dead);
}

void failLaunch(StepWriter& writer, NodeRecord& record, std::string why)
{
    declareDead(writer, record, std::move(why));
    writer.setState(record, NodeState::DestructionRequested);
    backOff(writer, record.node.pool);
    writer.audit(audit_text::launchFailed(record.node));
}

void forgetConnection(NodeRecord& record)
{
    record.isConnected = false;
    record.sequence = 0;
    record.sentPolicy.reset();
    record.sentMedia.reset();
    record.sentAccess.reset();
    record.sentRecording.reset();
    record.sentIce.clear();
    record.sentLimits.reset();
    record.sentParents.reset();
    record.sentEdges.reset();
    record.sentProvisions.reset();
    record.sentJobs.reset();
    record.sentEpoch.reset();
}

Decision proofOf(const std::string& how)
{
    return {"a node whose process or machine is proven gone is dead at once",
            {{"its provider says", "it " + how}},
            {{"suspect", "there is no silence to wait for"}}};
}

void die(StepWriter& writer, NodeRecord& record, const std::string& how)
{
    const bool wasEarly = isWarming(record.node.state) || (record.node.state == NodeState::InService &&
                                                           writer.now() - record.node.stateSince < earlyDeath);
    if (wasEarly)
        backOff(writer, record.node.pool);
    else if (isCapacity(record))
        writer.model().replacements[record.node.pool].noteLoss();
    const bool wasKnown = record.node.health == NodeHealth::Dead;
    declareDead(writer, record, "It " + how + ".");
    if (!wasKnown)
        writer.audit(isWarming(record.node.state) ? audit_text::launchFailed(record.node)
                                                  : audit_text::nodeDied(record.node, record.load, proofOf(how)));
    writer.setState(record, NodeState::Destroying);
}

// Whether streams were published or left on the node. What it pulls does not matter to decisions.
bool changesStreams(const NodeRecord& record, const node_protocol::Heartbeat& heartbeat)
{
    const auto isPublished = [](const StreamReport& report) { return report.isPublishedHere; };
    const auto isSame = [](const StreamReport& a, const StreamReport& b) {
        return a.key == b.key && a.epoch == b.epoch && a.startedAt == b.startedAt;
    };
    return !std::ranges::equal(record.streams | std::views::filter(isPublished),
                               heartbeat.streams | std::views::filter(isPublished), isSame);
}

// Whether another decision can come of the new report. Rates and numbers of viewers above zero do not matter.
bool changesDecisions(const NodeRecord& record, const node_protocol::Heartbeat& heartbeat)
{
    return !isHeard(record) || (record.load.publishers > 0) != (heartbeat.load.publishers > 0) ||
           (record.load.subscribers > 0) != (heartbeat.load.subscribers > 0) ||
           (record.load.children > 0) != (heartbeat.load.children > 0) || record.isDraining != heartbeat.isDraining ||
           record.isSealed != heartbeat.isSealed || record.unready.empty() != heartbeat.unready.empty() ||
           record.node.health != NodeHealth::Healthy;
}

void noteBoot(EngineModel& model, const Node& node, Duration boot)
{
    const NodeGroup* group = model.groupInForce(node.pool.nodeGroup);
    if (!group || boot < Duration::zero())
        return;
    const LeadTimes::Key key{group->cloudPlatform, node.launchedImage};
    const auto lead = [&] { return std::chrono::ceil<seconds>(model.leadTimes.of(key, Duration::zero())); };
    const seconds before = lead();
    model.leadTimes.add(key, boot);
    if (lead() != before)
        plan_book::forgetOrders(model);
}

bool hasStandby(const EngineModel& model, const PoolKey& key)
{
    const NodeGroup* group = model.groupInForce(key.nodeGroup);
    return group && std::ranges::any_of(poolsOf(*group), [&](const Pool& pool) {
               return pool.key == key && pool.rule.load && pool.rule.load->standby > 0;
           });
}

// Of a pool in which nodes stand by, the reconciler says who serves.
void endBoot(StepWriter& writer, NodeRecord& record)
{
    if (record.isLaunchSent && record.launchedAt)
        noteBoot(writer.model(), record.node, writer.now() - *record.launchedAt);
    record.isLaunchSent = false;  // a later connection is no boot
    record.launchedAt.reset();
    if (!hasStandby(writer.model(), record.node.pool))
        putIntoService(writer, record);
}

void take(StepWriter& writer, NodeRecord& record, const node_protocol::Heartbeat& heartbeat)
{
    if (!record.isConnected || isEnding(record.node.state))
        return;
    // One that was overtaken tells what is over.
    if (heartbeat.sequence < record.sequence)
        return;
    record.sequence = heartbeat.sequence;
    const bool hasNewStreams = changesStreams(record, heartbeat);
    const bool isNews = hasNewStreams || changesDecisions(record, heartbeat);
    if (isHeard(record))
        record.pulse.learn(writer.now() - record.lastHeard);
    health::testify(writer.model(), record, heartbeat, writer.now());
    record.load = heartbeat.load;
    record.streams = heartbeat.streams;
    for (const StreamReport& report : record.streams)
        writer.model().highestEpoch = std::max(writer.model().highestEpoch, report.epoch);
    record.isDraining = heartbeat.isDraining;
    record.isSealed = heartbeat.isSealed;
    if (record.unready.empty())
        record.unreadySince = writer.now();
    record.unready = heartbeat.unready.substr(0, longestReason);
    record.lastHeard = writer.now();
    record.silentSince = writer.now();
    // Somebody may wait for the lease that it gave back.
    if (record.jobGrant != heartbeat.jobGrant || record.jobs.size() != heartbeat.jobs.size())
        writer.model().isDirty = true;
    record.jobs = heartbeat.jobs;
    record.jobGrant = heartbeat.jobGrant;
    if (!isNews)
        return;
    writer.model().isDirty = true;
    writer.model().isTopologyChanged = writer.model().isTopologyChanged || hasNewStreams;
    if (record.node.state == NodeState::Started && record.unready.empty())
        endBoot(writer, record);
    health::hear(writer, record);
    // There is no way back from sealed, so a node that was taken back too late ends as well.
    if (record.isSealed && record.node.state < NodeState::HardSunset)
        writer.setState(record, NodeState::HardSunset);
}

bool isRowOver(const NodeRecord& record, TimePoint now)
{
    return record.isGone &&
           (record.node.health != NodeHealth::Dead || now >= record.node.stateSince + deadRowRetention);
}

void advanceNode(StepWriter& writer, NodeRecord& record)
{
    const bool isLaunching = isWarming(record.node.state) && record.launchedAt;
    if (isLaunching && writer.now() >= *record.launchedAt + record.launchTimeout)
        failLaunch(writer, record,
                   "It was not in service within " + std::to_string(record.launchTimeout.count() / 1000) + " seconds." +
                       (record.unready.empty() ? "" : " " + record.unready));
    const Role* role = writer.model().findRole(record.node.pool);
    if (record.node.state == NodeState::HardSunset && record.node.health != NodeHealth::Dead && isEmpty(record, role)) {
        writer.setState(record, NodeState::DestructionRequested);
        writer.audit(audit_text::nodeSealed(record.node));
    }
}

void launch(StepWriter& writer, NodeRecord& record)
{
    const NodeGroup* group = reconciler::groupToLaunch(writer.model(), record.node);
    const Role* role = group ? group->findRole(record.node.pool.role) : nullptr;
    const NodeImage* image = group ? group->findImage(record.node.imageName) : nullptr;
    if (!role || !image) {
        writer.setState(record, NodeState::DestructionRequested);
        writer.audit(audit_text::nodeNotNeeded(record.node));
        return;
    }
    record.isLaunchSent = true;
    record.launchedAt = writer.now();
    record.launchTimeout = plan_book::launchTimeout(writer.model(), *group, role->name);
    // One that is asked for again may be there since the first time.
    if (record.node.launchedImage.empty()) {
        record.node.launchedImage = image->image;
        record.node.launchedCapabilities = role->capabilities;
        writer.touch(record);
    }
    if (record.node.state == NodeState::Requested)
        writer.setState(record, NodeState::Creating);
    LaunchNode order{record.node, *role, *image};
    order.image.image = record.node.launchedImage;
    order.role.capabilities = record.node.launchedCapabilities;
    writer.run(std::move(order));
}

void terminate(StepWriter& writer, NodeRecord& record)
{
    record.terminateAskedAt = writer.now();
    if (record.node.state == NodeState::DestructionRequested)
        writer.setState(record, NodeState::Destroying);
    writer.run(TerminateNode{record.node.id, record.node.providerReference});
}

bool wantsTerminate(const NodeRecord& record, TimePoint now)
{
    return isEnding(record.node.state) && !record.isGone &&
           (!record.terminateAskedAt || now >= *record.terminateAskedAt + terminateRetry);
}

}  // namespace

void putIntoService(StepWriter& writer, NodeRecord& record)
{
    writer.setState(record, NodeState::InService);
    writer.audit(audit_text::nodeInService(record.node));
}

void observe(StepWriter& writer, const ProviderStarted& started)
{
    NodeRecord* record = writer.model().findNode(started.node);
    if (!record) {
        // Its row went while the provider was at work: nobody else would end it.
        writer.run(TerminateNode{started.node, started.providerReference});
        return;
    }
    record->node.providerReference = started.providerReference;
    if (!started.endpoints.address.empty())
        record->node.endpoints = started.endpoints;
    if (record->node.state < NodeState::Created)
        writer.setState(*record, NodeState::Created);
    // It was given up before it ran; now there is something to end.
    if (isEnding(record->node.state))
        record->terminateAskedAt.reset();
    writer.touch(*record);
}

void observe(StepWriter& writer, const ProviderFailed& failed)
{
    NodeRecord* record = writer.model().findNode(failed.node);
    if (record && isWarming(record->node.state))
        failLaunch(writer, *record, failed.error.message);
}

void observe(StepWriter& writer, const NodeGone& gone)
{
    NodeRecord* record = writer.model().findNode(gone.node);
    if (!record || record->isGone)
        return;
    forgetConnection(*record);
    if (!isEnding(record->node.state))
        die(writer, *record, gone.how);
    record->isGone = true;
    record->load = {};
    record->streams.clear();
    record->jobs.clear();
    writer.model().isTopologyChanged = true;
}

void observe(StepWriter& writer, const NodeConnected& connected)
{
    const NodeId& id = connected.hello.node;
    NodeRecord* record = writer.model().findNode(id);
    if (!record || isEnding(record->node.state)) {
        writer.run(SendToNode{id, node_protocol::Stop{"This node has been given up."}});
        return;
    }
    forgetConnection(*record);
    record->isConnected = true;
    record->softwareVersion = connected.hello.softwareVersion;
    record->silentSince = writer.now();
    writer.model().isTopologyChanged = true;
    if (!connected.hello.endpoints.address.empty() && record->node.endpoints != connected.hello.endpoints) {
        record->node.endpoints = connected.hello.endpoints;
        writer.touch(*record);
    }
    if (isWarming(record->node.state)) {
        if (record->node.state != NodeState::Started)
            writer.setState(*record, NodeState::Started);
        if (!record->launchedAt)
            record->launchedAt = writer.now();
    }
}

void observe(StepWriter& writer, const NodeDisconnected& disconnected)
{
    NodeRecord* record = writer.model().findNode(disconnected.node);
    if (!record)
        return;
    // One that stands by has the time of a launch to come back.
    if (record->node.state == NodeState::Started && !record->launchedAt)
        record->launchedAt = writer.now();
    forgetConnection(*record);
}

void observe(StepWriter& writer, const NodeHeartbeat& heartbeat)
{
    if (NodeRecord* record = writer.model().findNode(heartbeat.node))
        take(writer, *record, heartbeat.heartbeat);
}

void observe(StepWriter& writer, const HeartbeatsObserved& heard)
{
    auto& nodes = writer.model().nodes;
    auto next = nodes.begin();
    for (const NodeHeartbeat& heartbeat : heard.heartbeats) {
        while (next != nodes.end() && next->first < heartbeat.node)
            ++next;
        if (next != nodes.end() && next->first == heartbeat.node)
            take(writer, next->second, heartbeat.heartbeat);
    }
}

void advance(StepWriter& writer)
{
    std::vector<NodeId> over;
    for (auto& [id, record] : writer.model().nodes) {
        if (isRowOver(record, writer.now()))
            over.push_back(id);
        else
            advanceNode(writer, record);
    }
    for (const NodeId& id : over) {
        if (const NodeRecord* record = writer.model().findNode(id); record->node.health != NodeHealth::Dead)
            writer.audit(audit_text::nodeEnded(record->node));
        writer.removeNode(id);
    }
}

void askProvider(StepWriter& writer)
{
    int launching = 0;
    for (const auto& [id, record] : writer.model().nodes)
        launching += record.node.state == NodeState::Creating && record.isLaunchSent ? 1 : 0;
    for (auto& [id, record] : writer.model().nodes) {
        const bool isUnasked = record.node.state <= NodeState::Creating && !record.isLaunchSent;
        if (isUnasked && launching < maxLaunchesAtOnce) {
            launch(writer, record);
            ++launching;
        }
        if (wantsTerminate(record, writer.now()))
            terminate(writer, record);
    }
}

std::optional<TimePoint> deadline(const NodeRecord& record)
{
    if (isWarming(record.node.state) && record.launchedAt)
        return *record.launchedAt + record.launchTimeout;
    if (record.isGone)
        return record.node.stateSince + deadRowRetention;
    if (isEnding(record.node.state) && record.terminateAskedAt)
        return *record.terminateAskedAt + terminateRetry;
    return std::nullopt;
}

bool isEmpty(const NodeRecord& record, const Role* role)
{
    if (record.load.publishers > 0)
        return false;
    // Viewers of an origin lose nothing: without a publisher there is nothing to watch.
    return takesPublishers(record.node, role) || (record.load.subscribers == 0 && record.load.children == 0);
}

}  // namespace headgate::node_lifecycle
