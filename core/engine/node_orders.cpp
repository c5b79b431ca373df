#include "core/engine/node_orders.h"

#include "core/engine/audit_text.h"
#include "core/engine/node_lifecycle.h"
#include "core/engine/relay_tree.h"

#include <algorithm>

namespace headgate::node_orders {

namespace {

using node_protocol::AssignParents;
using node_protocol::SessionPolicy;

bool takesOrders(const NodeRecord& record)
{
    return record.isConnected && !isEnding(record.node.state);
}

// Other nodes of the role that take its viewers, those of the same subgroup first.
std::vector<node_protocol::Alternate> alternatesOf(const EngineModel& model, const NodeRecord& leaving)
{
    std::vector<node_protocol::Alternate> near;
    std::vector<node_protocol::Alternate> far;
    for (const auto& [id, record] : model.nodes) {
        const PoolKey& pool = record.node.pool;
        const bool isSameRole = pool.nodeGroup == leaving.node.pool.nodeGroup && pool.role == leaving.node.pool.role;
        const NodeEndpoints& at = record.node.endpoints;
        if (isSameRole && record.node.state == NodeState::InService && record.node.health == NodeHealth::Healthy)
            (pool == leaving.node.pool ? near : far).push_back({at.address, at.rtmpPort, at.rtmpsPort});
    }
    near.insert(near.end(), far.begin(), far.end());
    if (near.size() > node_protocol::maxAlternates)
        near.resize(node_protocol::maxAlternates);
    return near;
}

void sendPolicy(StepWriter& writer, NodeRecord& record)
{
    PolicyOrder order{policyFor(record, writer.model().findRole(record.node.pool)), {}, {}};
    if (order.policy != SessionPolicy::Serve) {
        order.deadline = record.node.drainDeadline;
        order.alternates = alternatesOf(writer.model(), record);
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

// All origins count from one clock, so that a name that moves to another one gets a newer epoch. Told again when a node
// is ahead of it, which did not hear of it or was told by a clock that was set back since.
void sendEpoch(StepWriter& writer, NodeRecord& record)
{
    if (!takesPublishers(record.node, writer.model().findRole(record.node.pool)))
        return;
    const std::uint64_t highest = writer.model().highestEpoch;
    if (const auto& sent = record.sentEpoch) {
        const auto passed = std::max((writer.now() - sent->at).count(), Duration::rep{0});
        if (sent->epoch + static_cast<std::uint64_t>(passed) >= highest)
            return;
    }
    const auto clock = static_cast<std::uint64_t>(std::max<std::int64_t>(toEpochMs(writer.now()), 0));
    record.sentEpoch = EpochOrder{std::max(clock, highest + 1), writer.now()};
    writer.run(SendToNode{record.node.id, node_protocol::SetEpoch{record.sentEpoch->epoch}});
}

void sendTables(StepWriter& writer)
{
    const auto live = relay_tree::liveStreams(writer.model());
    const relay_tree::ParentPlan plan(writer.model(), live);
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
        record.sentParents = *table;
        writer.run(SendToNode{id, *table});
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
            writer.audit(audit_text::streamMoved(key.nodeGroup, key.stream, origin));
    }
    for (const auto& [key, origin] : model.liveStreams) {
        if (!present.contains(key))
            writer.audit(audit_text::streamUnpublished(key.nodeGroup, key.stream));
    }
    model.liveStreams = std::move(present);
}

void send(StepWriter& writer)
{
    for (auto& [id, record] : writer.model().nodes) {
        if (!takesOrders(record))
            continue;
        sendMedia(writer, record);
        sendPolicy(writer, record);
        sendEpoch(writer, record);
    }
    if (writer.model().isTopologyChanged)
        sendTables(writer);
}

}  // namespace headgate::node_orders
