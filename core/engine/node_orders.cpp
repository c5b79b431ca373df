#include "core/engine/node_orders.h"

#include "core/domain/drain_pace.h"
#include "core/engine/audit_text.h"
#include "core/engine/node_lifecycle.h"
#include "core/engine/relay_tree.h"

#include <algorithm>
#include <utility>

namespace headgate::node_orders {

namespace {

using node_protocol::AssignParents;
using node_protocol::SessionPolicy;

bool takesOrders(const NodeRecord& record)
{
    return record.isConnected && !isEnding(record.node.state);
}

// Who takes the viewers of nodes that leave their pool. Worked out once for all of a pool that leave together.
class AlternatesBook
{
public:
    explicit AlternatesBook(const EngineModel& model) : m_model(model) {}

    const std::vector<node_protocol::Alternate>& of(const PoolKey& pool)
    {
        const auto [it, isNew] = m_pages.try_emplace(pool);
        if (isNew)
            it->second = workOut(pool);
        return it->second;
    }

private:
    // Other nodes of the role, those of the same subgroup first.
    std::vector<node_protocol::Alternate> workOut(const PoolKey& leaving) const
    {
        constexpr std::size_t most = node_protocol::maxAlternates;
        std::vector<node_protocol::Alternate> near, far;
        for (const auto& [id, record] : m_model.nodes) {
            const PoolKey& pool = record.node.pool;
            const bool takes = record.node.state == NodeState::InService && record.node.health == NodeHealth::Healthy;
            if (!takes || pool.role != leaving.role || pool.nodeGroup != leaving.nodeGroup)
                continue;
            auto& list = pool.subgroup == leaving.subgroup ? near : far;
            if (list.size() < most)
                list.push_back(
                    {record.node.endpoints.address, record.node.endpoints.rtmpPort, record.node.endpoints.rtmpsPort});
            if (near.size() == most)
                break;
        }
        near.insert(near.end(), far.begin(), far.end());
        near.resize(std::min(near.size(), most));
        return near;
    }

    const EngineModel& m_model;
    std::map<PoolKey, std::vector<node_protocol::Alternate>> m_pages;
};

// Publishers are waited for until an operator says otherwise.
std::optional<TimePoint> deadlineOf(const NodeRecord& record, const Role* role)
{
    if (record.node.drainDeadline || takesPublishers(record.node, role))
        return record.node.drainDeadline;
    return record.node.stateSince + DrainPace::longestDrain;
}

void sendPolicy(StepWriter& writer, NodeRecord& record, AlternatesBook& alternates)
{
    const Role* role = writer.model().findRole(record.node.pool);
    PolicyOrder order{policyFor(record, role), {}, {}};
    if (order.policy != SessionPolicy::Serve) {
        order.deadline = deadlineOf(record, role);
        order.alternates = alternates.of(record.node.pool);
    }
    if (record.sentPolicy == order)
        return;
    node_protocol::SetPolicy message;
    message.policy = order.policy;
    message.alternates = order.alternates;
    if (order.deadline)
        message.endSessionsIn = std::max(*order.deadline - writer.now(), Duration::zero());
    record.sentPolicy = std::move(order);
    writer.run(SendToNode{record.node.id, std::move(message)});
}

void sendMedia(StepWriter& writer, NodeRecord& record)
{
    const NodeGroup* group = writer.model().groupInForce(record.node.pool.nodeGroup);
    if (!group || record.sentMedia == group->media)
        return;
    record.sentMedia = group->media;
    writer.run(SendToNode{record.node.id, node_protocol::SetMedia{group->media}});
}

void sendAccess(StepWriter& writer, NodeRecord& record)
{
    const NodeGroup* group = writer.model().groupInForce(record.node.pool.nodeGroup);
    if (!group || record.sentAccess == group->access)
        return;
    record.sentAccess = group->access;
    writer.run(SendToNode{record.node.id, node_protocol::SetAccess{group->access}});
}

// Each group has a folder of its own in a store.
void sendRecording(StepWriter& writer, NodeRecord& record)
{
    const NodeGroup* group = writer.model().groupInForce(record.node.pool.nodeGroup);
    if (!group || record.sentRecording == group->recording)
        return;
    record.sentRecording = group->recording;
    node_protocol::SetRecording order{group->recording};
    if (order.recording.store)
        order.recording.store->prefix += group->name.value + "/";
    writer.run(SendToNode{record.node.id, std::move(order)});
}

void sendIce(StepWriter& writer, NodeRecord& record)
{
    const NodeGroup* group = writer.model().groupInForce(record.node.pool.nodeGroup);
    if (!group || record.sentIce == group->iceServers)
        return;
    record.sentIce = group->iceServers;
    writer.run(SendToNode{record.node.id, node_protocol::SetIce{group->iceServers}});
}

// Routing counts with the same figure, so whoever it sends finds a place; who comes without asking may not.
void sendLimits(StepWriter& writer, NodeRecord& record)
{
    const NodeGroup* group = writer.model().groupInForce(record.node.pool.nodeGroup);
    node_protocol::SetLimits limits;
    if (group && group->whenFull == WhenFull::Refuse)
        limits.viewers = limitsOf(writer.model(), record).viewers;
    // The number of cores, on which it depends, comes with the first report.
    if (record.sentLimits == limits || record.sequence == 0)
        return;
    record.sentLimits = limits;
    writer.run(SendToNode{record.node.id, limits});
}

// Origins count milliseconds from the epoch that they are told, so that a name that moves to another one gets a newer
// epoch. Told again when one is ahead. How far a node has counted since is not reckoned with: the time that passed here
// may be a clock that was set.
void sendEpoch(StepWriter& writer, NodeRecord& record)
{
    if (!takesPublishers(record.node, writer.model().findRole(record.node.pool)))
        return;
    const std::uint64_t highest = writer.model().highestEpoch;
    if (record.sentEpoch && *record.sentEpoch > highest)
        return;
    const auto clock = static_cast<std::uint64_t>(std::max<std::int64_t>(toEpochMs(writer.now()), 0));
    record.sentEpoch = std::max(clock, highest + 1);
    writer.run(SendToNode{record.node.id, node_protocol::SetEpoch{*record.sentEpoch}});
}

// Lets children stay where they are as long as nothing is wrong with it: of all pulls of a group one in twenty, at
// least one, changes parents in a minute to make the tree better.
class Settling
{
public:
    Settling(StepWriter& writer, const relay_tree::ParentPlan& plan) : m_writer(writer), m_plan(plan)
    {
        writer.model().treeGoesOnAt.reset();
    }

    // The table to be sent now instead.
    AssignParents slowedDown(const NodeRecord& child, AssignParents table)
    {
        if (!child.sentParents)
            return table;
        const auto& before = child.sentParents->streams;
        for (node_protocol::StreamParents& wanted : table.streams) {
            const auto old = std::ranges::lower_bound(before, wanted.stream, {}, &node_protocol::StreamParents::stream);
            if (old == before.end() || old->stream != wanted.stream || old->primary.node == wanted.primary.node ||
                !m_plan.mayStay(child, wanted.stream, old->primary.node) || mayMove(child.node.pool.nodeGroup))
                continue;
            wanted.backup = std::exchange(wanted.primary, old->primary);
        }
        return table;
    }

private:
    bool mayMove(const NodeGroupName& group)
    {
        constexpr Duration minute{60'000};
        EngineModel& model = m_writer.model();
        TreeMoves& moves = model.treeMoves[group];
        if (m_writer.now() >= moves.since + minute || m_writer.now() < moves.since)
            moves = {m_writer.now(), 0};
        if (moves.count < std::max(1, m_plan.pullsOf(group) / 20)) {
            ++moves.count;
            return true;
        }
        const TimePoint next = moves.since + minute;
        model.treeGoesOnAt = std::min(model.treeGoesOnAt.value_or(next), next);
        return false;
    }

    StepWriter& m_writer;
    const relay_tree::ParentPlan& m_plan;
};

void sendProvisions(StepWriter& writer, NodeRecord& record)
{
    const EngineModel& model = writer.model();
    const NodeGroupName& group = record.node.pool.nodeGroup;
    const auto revision = model.provisionRevisions.find(group);
    const std::uint64_t present = revision == model.provisionRevisions.end() ? 0 : revision->second;
    if (record.sentProvisions == present)
        return;
    record.sentProvisions = present;
    node_protocol::SetProvisions message;
    for (auto entry = model.provisions.lower_bound({group, {}});
         entry != model.provisions.end() && entry->first.nodeGroup == group; ++entry) {
        if (entry->second.distributedAt)
            message.provisions.push_back({entry->first.guid, entry->second.provision.document});
    }
    writer.run(SendToNode{record.node.id, std::move(message)});
}

// Nodes that take publishers tell whoever asks them which node to watch at. Of many edges each such node knows some,
// the next one those that come after.
void sendEdges(StepWriter& writer)
{
    EngineModel& model = writer.model();
    std::map<NodeGroupName, std::vector<node_protocol::Edge>> edges;
    std::map<NodeGroupName, std::size_t> begins;
    for (const auto& [id, record] : model.nodes) {
        const Role* role = model.findRole(record.node.pool);
        if (role && role->can(Capability::Subscribe) && record.node.state == NodeState::InService &&
            record.node.health == NodeHealth::Healthy)
            edges[record.node.pool.nodeGroup].push_back(
                {record.node.endpoints.address, record.node.endpoints.rtmpPort});
    }
    for (auto& [id, record] : model.nodes) {
        if (!takesOrders(record) || !takesPublishers(record.node, model.findRole(record.node.pool)))
            continue;
        const auto& all = edges[record.node.pool.nodeGroup];
        std::size_t& begin = begins[record.node.pool.nodeGroup];
        node_protocol::SetEdges order;
        for (std::size_t i = 0; i < std::min(all.size(), node_protocol::maxEdges); ++i)
            order.edges.push_back(all[(begin + i) % all.size()]);
        begin += node_protocol::maxEdges;
        if (record.sentEdges == order)
            continue;
        record.sentEdges = order;
        writer.run(SendToNode{id, std::move(order)});
    }
}

void sendTables(StepWriter& writer)
{
    const auto live = relay_tree::liveStreams(writer.model());
    const relay_tree::ParentPlan plan(writer.model(), live);
    Settling settling(writer, plan);
    std::map<std::pair<PoolKey, int>, AssignParents> shared;
    for (auto& [id, record] : writer.model().nodes) {
        const Role* role = takesOrders(record) ? writer.model().findRole(record.node.pool) : nullptr;
        if (!role || !relay_tree::pulls(*role))
            continue;
        AssignParents own;
        const AssignParents* table = &own;
        if (plan.hasOwnTable(record)) {
            own = plan.tableFor(record);
        } else {
            const auto [it, isNew] = shared.try_emplace({record.node.pool, plan.blockOf(record)});
            if (isNew)
                it->second = plan.tableFor(record);
            table = &it->second;
        }
        if (record.sentParents == *table)
            continue;
        AssignParents next = settling.slowedDown(record, *table);
        if (record.sentParents == next)
            continue;
        record.sentParents = std::move(next);
        writer.run(SendToNode{id, *record.sentParents});
    }
}

}  // namespace

SessionPolicy policyFor(const NodeRecord& record, const Role* role)
{
    if (!isDrainingState(record.node.state))
        return SessionPolicy::Serve;
    const bool isDone = record.isSealed || (record.isDraining && node_lifecycle::isEmpty(record, role));
    return isDone ? SessionPolicy::Seal : SessionPolicy::Drain;
}

namespace {

Decision moveOf(const EngineModel& model, const relay_tree::Live& live, const NodeId& before)
{
    const NodeRecord* old = model.findNode(before);
    const auto epochOn = [&](const NodeRecord& record) -> std::uint64_t {
        const auto report = std::ranges::find(record.streams, live.stream, &StreamReport::key);
        return report == record.streams.end() || !report->isPublishedHere ? 0 : report->epoch;
    };
    Decision why{
        "of two origins that publish one stream the higher epoch wins, then the earlier start, then the lower id",
        {{"node now", live.origin->node.id.value}, {"epoch there", std::to_string(live.report->epoch)}},
        {}};
    const std::uint64_t epoch = old ? epochOn(*old) : 0;
    why.rejected.push_back({"node " + before.value, !old         ? "is gone"
                                                    : epoch == 0 ? "does not publish it any more"
                                                                 : "has epoch " + std::to_string(epoch)});
    return why;
}

}  // namespace

void noteStreams(StepWriter& writer)
{
    EngineModel& model = writer.model();
    std::map<LiveKey, NodeId> present;
    for (const auto& [key, live] : relay_tree::liveStreams(model)) {
        const NodeId& origin = live.origin->node.id;
        present.emplace(key, origin);
        const auto known = model.liveStreams.find(key);
        // A stream older than this process was noted by the one before it.
        if (known == model.liveStreams.end() && live.report->startedAt >= model.startedAt)
            writer.audit(audit_text::streamPublished(key.nodeGroup, key.stream, origin));
        else if (known != model.liveStreams.end() && known->second != origin)
            writer.audit(
                audit_text::streamMoved(key.nodeGroup, key.stream, origin, moveOf(model, live, known->second)));
    }
    for (const auto& [key, origin] : model.liveStreams) {
        if (!present.contains(key))
            writer.audit(audit_text::streamUnpublished(key.nodeGroup, key.stream));
    }
    model.liveStreams = std::move(present);
}

void send(StepWriter& writer)
{
    AlternatesBook alternates(writer.model());
    for (auto& [id, record] : writer.model().nodes) {
        if (!takesOrders(record))
            continue;
        sendRecording(writer, record);  // before anybody is let in
        sendAccess(writer, record);
        sendMedia(writer, record);
        sendIce(writer, record);
        sendLimits(writer, record);
        sendPolicy(writer, record, alternates);
        sendEpoch(writer, record);
        sendProvisions(writer, record);
    }
    if (writer.model().isTopologyChanged)
        sendEdges(writer);
    const auto& goesOnAt = writer.model().treeGoesOnAt;
    if (writer.model().isTopologyChanged || (goesOnAt && writer.now() >= *goesOnAt))
        sendTables(writer);
}

}  // namespace headgate::node_orders
