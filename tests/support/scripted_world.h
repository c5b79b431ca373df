#pragma once

#include "core/engine/engine.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

// A world for the engine to run: a provider, nodes that behave as nodes do, and a store that replays transactions.
// Virtual time only.
namespace headgate::testing {

struct WorldNode
{
    LaunchNode launch;
    NodeEndpoints endpoints;
    TimePoint bootedAt;  // before it nothing is heard of it
    bool isConnected = false;
    bool isSilent = false;  // lives, but nobody hears it
    bool answers = false;   // who comes to it while it is silent
    std::string unready;    // why it cannot serve, as it says
    bool isSealed = false;
    node_protocol::SessionPolicy policy = node_protocol::SessionPolicy::Serve;
    std::optional<Duration> endSessionsIn;
    std::vector<node_protocol::Alternate> alternates;
    node_protocol::AssignParents parents;
    std::uint64_t epoch = 0;  // from which it counts
    MediaSettings media;
    std::optional<node_protocol::SetEdges> edges;
    std::optional<node_protocol::SetProvisions> provisions;
    node_protocol::SetJobs jobs;                   // which it runs
    std::map<StreamKey, std::uint64_t> published;  // and their epochs
    std::map<StreamKey, int> viewers;
    std::uint64_t sequence = 0;
};

class ScriptedWorld
{
public:
    explicit ScriptedWorld(EngineOptions options = {}) : ScriptedWorld(std::move(options), startOfTime) {}

    ScriptedWorld(EngineOptions options, TimePoint now) : m_options(std::move(options)), m_now(now)
    {
        m_engine = std::make_unique<Engine>(m_options, EngineState{}, m_now);
        pump();
    }

    // --- What tests do. ---

    Result<CommandOutcome> submit(Command command, std::optional<std::uint64_t> ifVersion = {},
                                  Execution execution = Execution::Commit)
    {
        CommandRequest request{std::move(command), Actor{"admin"}, RequestId("r"), ifVersion, execution};
        auto prepared = m_engine->prepare(request, m_now);
        if (!prepared)
            return tl::unexpected(prepared.error());
        if (execution == Execution::Commit) {
            take(prepared->step);
            m_engine->commit(*prepared, m_now);
            pump();
        }
        return prepared->outcome;
    }

    // Time passes: heartbeats come each second, the engine wakes when it wants to.
    void elapse(Duration duration)
    {
        const TimePoint end = m_now + duration;
        while (m_now < end) {
            TimePoint next = std::min(end, m_nextBeat);
            if (const auto wakeup = m_engine->nextWakeup())
                next = std::min(next, std::max(*wakeup, m_now));
            m_now = next;
            if (m_now == m_nextBeat) {
                m_nextBeat += std::chrono::seconds(1);
                beat();
            }
            pump();
        }
    }

    void kill(const NodeId& id)
    {
        if (nodes.erase(id) > 0)
            observe(NodeGone{id, "was killed by signal 9"});
        pump();
    }

    void publish(const NodeId& id, const std::string& stream, std::uint64_t epoch = 1)
    {
        nodes.at(id).published[StreamKey::parse(stream).value()] = epoch;
    }

    // Somebody sets the clock. What has booted stays so.
    void setClock(TimePoint now)
    {
        for (auto& [id, node] : nodes)
            node.bootedAt = node.bootedAt <= m_now ? TimePoint() : node.bootedAt + (now - m_now);
        m_now = now;
        m_nextBeat = now;
    }

    // The control plane's process dies and starts again after `outage`; nodes go on.
    void restartEngine(Duration outage)
    {
        m_now += outage;
        m_nextBeat = m_now + std::chrono::seconds(1);
        m_inbox.clear();
        EngineState state = storedState();
        EngineOptions options = m_options;
        options.seed += ++m_restarts;
        m_engine = std::make_unique<Engine>(options, std::move(state), m_now);
        for (auto& [id, node] : nodes)
            node.isConnected = false;
        for (const auto& [id, node] : storedNodes) {
            if (!nodes.contains(id) && node.state >= NodeState::Created)
                m_inbox.push_back(NodeGone{id, "is not there any more"});
        }
        for (const auto& [id, node] : nodes) {
            if (!node.isSilent && node.bootedAt <= m_now)
                m_inbox.push_back(hello(id));
        }
        pump();
    }

    EngineState storedState() const
    {
        EngineState state;
        state.revision = revision;
        state.auditSequence = static_cast<std::int64_t>(audit.size());
        for (const auto& [name, group] : storedGroups)
            state.nodeGroups.push_back(group);
        for (const auto& [id, node] : storedNodes)
            state.nodes.push_back(node);
        for (const auto& [name, image] : storedImages)
            state.nodeImages.push_back(image);
        for (const auto& [key, item] : storedPlan)
            state.planItems.push_back(item);
        state.planRevision = planRevision;
        state.planFollowedUntil = planFollowedUntil;
        for (const auto& [name, region] : storedRegions)
            state.regions.push_back(region);
        state.defaultRegion = defaultRegion;
        for (const auto& [name, deployment] : storedDeployments)
            state.deployments.push_back(deployment);
        for (const auto& [key, provision] : storedProvisions)
            state.provisions.push_back(provision);
        return state;
    }

    void observe(Observation observation)
    {
        take(m_engine->observe(observation, m_now));
        pump();
    }

    // --- What tests look at. ---

    TimePoint now() const { return m_now; }
    Engine& engine() { return *m_engine; }
    std::shared_ptr<const Snapshot> snapshot() const { return m_engine->snapshot(m_now); }

    // Ids of nodes of a role in this state and health, sorted.
    std::vector<NodeId> find(const std::string& role, NodeState state = NodeState::InService,
                             NodeHealth health = NodeHealth::Healthy) const
    {
        std::vector<NodeId> ids;
        const auto present = snapshot();
        for (const NodeStatus& node : present->nodes) {
            if (node.node.pool.role == role && node.node.state == state && node.node.health == health)
                ids.push_back(node.node.id);
        }
        return ids;
    }

    const Node* node(const NodeId& id) const
    {
        const auto it = storedNodes.find(id);
        return it != storedNodes.end() ? &it->second : nullptr;
    }

    int auditCount(const std::string& verb) const
    {
        return static_cast<int>(
            std::count_if(audit.begin(), audit.end(), [&](const AuditRecord& r) { return r.verb == verb; }));
    }

    std::map<NodeId, WorldNode> nodes;  // processes that run
    bool isProviderBroken = false;
    bool isMediaStuck = false;    // nodes that pull get nothing
    bool isProviderMute = false;  // takes launches and never answers
    Duration bootTime{0};         // of nodes launched from now on
    std::vector<TimePoint> launches;
    std::vector<NodeId> terminated;
    std::vector<NodeId> probes;  // that were asked for
    std::set<NodeId> terminatedWhilePublishing;
    int stepsNotIdempotent = 0;

    // The store, by replay.
    std::map<NodeGroupName, StoredNodeGroup> storedGroups;
    std::map<NodeId, Node> storedNodes;
    std::map<std::string, StoredNodeImage> storedImages;
    std::map<PlanItemKey, StoredPlanItem> storedPlan;
    std::uint64_t planRevision = 0;
    std::optional<TimePoint> planFollowedUntil;
    std::map<std::string, StoredRegion> storedRegions;
    std::string defaultRegion;
    std::map<std::string, StoredDeployment> storedDeployments;
    std::map<ProvisionKey, StoredProvision> storedProvisions;
    std::map<std::string, Account> storedAccounts;
    std::vector<AuditRecord> audit;
    std::uint64_t revision = 0;

private:
    static constexpr TimePoint startOfTime{Duration(1'800'000'000'000)};

    NodeConnected hello(const NodeId& id) const
    {
        node_protocol::Hello hello;
        hello.node = id;
        hello.credential = "secret";
        hello.softwareVersion = "0.1.0";
        hello.endpoints = nodes.at(id).endpoints;
        return NodeConnected{hello};
    }

    void take(const Step& step)
    {
        const Transaction& transaction = step.transaction;
        revision = transaction.isEmpty() ? revision : transaction.revision;
        for (const NodeGroupName& name : transaction.removedNodeGroups)
            storedGroups.erase(name);
        for (const StoredNodeGroup& group : transaction.putNodeGroups)
            storedGroups.insert_or_assign(group.group.name, group);
        for (const std::string& name : transaction.removedAccounts)
            storedAccounts.erase(name);
        for (const Account& account : transaction.putAccounts)
            storedAccounts.insert_or_assign(account.name, account);
        for (const NodeId& id : transaction.removedNodes)
            storedNodes.erase(id);
        for (const Node& node : transaction.putNodes)
            storedNodes.insert_or_assign(node.id, node);
        for (const std::string& name : transaction.removedNodeImages)
            storedImages.erase(name);
        for (const StoredNodeImage& image : transaction.putNodeImages)
            storedImages.insert_or_assign(image.record.name, image);
        takePlan(transaction);
        audit.insert(audit.end(), transaction.audit.begin(), transaction.audit.end());
        for (const Effect& effect : step.effects)
            std::visit([this](const auto& e) { carryOut(e); }, effect);
    }

    void takePlan(const Transaction& transaction)
    {
        for (const PlanItemKey& key : transaction.removedPlanItems)
            storedPlan.erase(key);
        for (const StoredPlanItem& item : transaction.putPlanItems)
            storedPlan.insert_or_assign(keyOf(item.item), item);
        if (transaction.changesPlan())
            planRevision = transaction.revision;
        if (transaction.planFollowedUntil)
            planFollowedUntil = transaction.planFollowedUntil;
        for (const std::string& name : transaction.removedRegions)
            storedRegions.erase(name);
        for (const StoredRegion& region : transaction.putRegions)
            storedRegions.insert_or_assign(region.region.name, region);
        defaultRegion = transaction.defaultRegion.value_or(defaultRegion);
        for (const std::string& name : transaction.removedDeployments)
            storedDeployments.erase(name);
        for (const StoredDeployment& deployment : transaction.putDeployments)
            storedDeployments.insert_or_assign(deployment.deployment.name, deployment);
        for (const ProvisionKey& key : transaction.removedProvisions)
            storedProvisions.erase(key);
        for (const StoredProvision& provision : transaction.putProvisions)
            storedProvisions.insert_or_assign(provision.key(), provision);
    }

    void carryOut(const LaunchNode& launch)
    {
        launches.push_back(m_now);
        const NodeId id = launch.node.id;
        if (isProviderMute)
            return;
        if (isProviderBroken) {
            m_inbox.push_back(ProviderFailed{id, Error{ErrorCode::Unavailable, "No more room.", {}, {}}});
            return;
        }
        if (!nodes.contains(id)) {
            WorldNode node;
            node.launch = launch;
            node.bootedAt = m_now + bootTime;
            ++m_addresses;
            node.endpoints.address =
                "127.77." + std::to_string(m_addresses / 250) + "." + std::to_string(1 + m_addresses % 250);
            node.endpoints.rtmpsPort = 1936;
            nodes.emplace(id, std::move(node));
        }
        m_inbox.push_back(ProviderStarted{id, "pid of " + id.value, nodes.at(id).endpoints});
        if (nodes.at(id).bootedAt <= m_now)
            m_inbox.push_back(hello(id));
    }

    void carryOut(const TerminateNode& terminate)
    {
        terminated.push_back(terminate.node);
        const auto it = nodes.find(terminate.node);
        if (it != nodes.end() && !it->second.published.empty())
            terminatedWhilePublishing.insert(terminate.node);
        nodes.erase(terminate.node);
        m_inbox.push_back(NodeGone{terminate.node, "exited with status 0"});
    }

    void carryOut(const SendToNode& send)
    {
        const auto it = nodes.find(send.node);
        if (it == nodes.end() || !it->second.isConnected)
            return;
        WorldNode& node = it->second;
        if (const auto* policy = std::get_if<node_protocol::SetPolicy>(&send.message)) {
            node.policy = policy->policy;
            node.endSessionsIn = policy->endSessionsIn;
            node.alternates = policy->alternates;
        }
        if (const auto* parents = std::get_if<node_protocol::AssignParents>(&send.message))
            node.parents = *parents;
        if (const auto* epoch = std::get_if<node_protocol::SetEpoch>(&send.message))
            node.epoch = epoch->epoch;
        if (const auto* media = std::get_if<node_protocol::SetMedia>(&send.message))
            node.media = media->media;
        if (const auto* edges = std::get_if<node_protocol::SetEdges>(&send.message))
            node.edges = *edges;
        if (const auto* provisions = std::get_if<node_protocol::SetProvisions>(&send.message))
            node.provisions = *provisions;
        if (const auto* jobs = std::get_if<node_protocol::SetJobs>(&send.message))
            node.jobs = *jobs;
        if (std::holds_alternative<node_protocol::Stop>(send.message)) {
            nodes.erase(it);
            m_inbox.push_back(NodeGone{send.node, "exited with status 0"});
        }
    }

    void carryOut(const ProbeNode& probe)
    {
        const auto it = nodes.find(probe.node);
        probes.push_back(probe.node);
        m_inbox.push_back(NodeProbed{probe.node, it != nodes.end() && it->second.answers});
    }

    int childrenOf(const NodeId& id) const
    {
        int children = 0;
        for (const auto& [otherId, other] : nodes) {
            for (const auto& [stream, count] : other.viewers) {
                const auto& table = other.parents.streams;
                children += count > 0 && std::any_of(table.begin(), table.end(), [&](const auto& parents) {
                                return parents.stream == stream && parents.primary.node == id;
                            });
            }
        }
        return children;
    }

    NodeHeartbeat heartbeatOf(const NodeId& id, WorldNode& node)
    {
        node_protocol::Heartbeat beat;
        beat.sequence = ++node.sequence;
        beat.load.cpuPercent = 5;
        beat.load.cores = 2;
        beat.load.publishers = static_cast<int>(node.published.size());
        beat.load.children = childrenOf(id);
        for (const auto& [stream, epoch] : node.published) {
            StreamReport report;
            report.key = stream;
            report.isPublishedHere = true;
            report.epoch = epoch;
            report.bitsPerSecond = 1'000'000;
            report.startedAt = m_now;
            const auto known = m_startedAt.try_emplace({id, stream}, m_now).first;
            report.startedAt = known->second;
            beat.streams.push_back(report);
            beat.load.bitsInPerSecond += report.bitsPerSecond;
        }
        for (const auto& [stream, count] : node.viewers) {
            const auto& table = node.parents.streams;
            const auto parents =
                std::find_if(table.begin(), table.end(), [&](const auto& p) { return p.stream == stream; });
            beat.load.subscribers += count;
            if (parents == table.end() || node.published.contains(stream))
                continue;
            StreamReport report;
            report.key = stream;
            report.publisherAddress = parents->primary.address + ":" + std::to_string(parents->primary.rtmpPort);
            report.viewers = count;
            report.bitsPerSecond = isMediaStuck ? 0 : 1'000'000;
            report.sinceLastFrameMs = isMediaStuck ? 5'000 : 0;
            beat.streams.push_back(report);
            beat.load.bitsInPerSecond += report.bitsPerSecond;
            beat.load.bitsOutPerSecond += count * report.bitsPerSecond;
        }
        node.isSealed = node.isSealed || (node.policy == node_protocol::SessionPolicy::Seal && node.published.empty());
        beat.isDraining = node.policy != node_protocol::SessionPolicy::Serve;
        beat.isSealed = node.isSealed;
        beat.unready = node.unready;
        beat.jobGrant = node.jobs.grant;
        for (const std::string& provision : node.jobs.provisions) {
            beat.jobs.emplace_back().id = provision;
            beat.jobs.back().state = JobState::Live;
        }
        return NodeHeartbeat{id, beat};
    }

    void beat()
    {
        for (auto& [id, node] : nodes) {
            if (node.isSilent || node.bootedAt > m_now)
                continue;
            if (!node.isConnected)
                m_inbox.push_back(hello(id));
            m_inbox.push_back(heartbeatOf(id, node));
        }
    }

    // Answers what waits and lets the engine do what is due, until both are quiet.
    void pump()
    {
        for (;;) {
            while (!m_inbox.empty()) {
                const Observation observation = m_inbox.front();
                m_inbox.pop_front();
                if (const auto* connected = std::get_if<NodeConnected>(&observation)) {
                    const auto it = nodes.find(connected->hello.node);
                    if (it == nodes.end())
                        continue;
                    it->second.isConnected = true;
                }
                take(m_engine->observe(observation, m_now));
            }
            const auto wakeup = m_engine->nextWakeup();
            if (!wakeup || *wakeup > m_now)
                return;
            take(m_engine->advance(m_now));
            const Step again = m_engine->advance(m_now);
            stepsNotIdempotent += again.transaction.isEmpty() && again.effects.empty() ? 0 : 1;
            take(again);
        }
    }

    EngineOptions m_options;
    TimePoint m_now;
    TimePoint m_nextBeat = m_now + std::chrono::seconds(1);
    std::unique_ptr<Engine> m_engine;
    std::deque<Observation> m_inbox;
    std::map<std::pair<NodeId, StreamKey>, TimePoint> m_startedAt;
    int m_addresses = 0;
    std::uint64_t m_restarts = 0;
};

}  // namespace headgate::testing
