#include "core/engine/node_orders.h"

#include "core/domain/drain_pace.h"
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
        sendMedia(writer, record);
        sendPolicy(writer, record, alternates);
        sendEpoch(writer, record);
    }
    if (writer.model().isTopologyChanged)
        sendTables(writer);
}

}  // namespace headgate::node_orders
