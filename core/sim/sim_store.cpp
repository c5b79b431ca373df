#include "core/sim/sim_store.h"

#include "core/base/check.h"

namespace headgate::sim {

void SimStore::decide(const Transaction& transaction)
{
    if (!m_durable)
        m_durable = m_decided;
    apply(m_decided, transaction);
}

void SimStore::keep(const Transaction& transaction)
{
    HG_CHECK(m_durable.has_value());
    apply(*m_durable, transaction);
}

void SimStore::forgetRest()
{
    if (m_durable)
        m_decided = std::move(*m_durable);
    m_durable.reset();
}

void SimStore::apply(Rows& rows, const Transaction& transaction)
{
    for (const NodeId& id : transaction.removedNodes)
        rows.nodes.erase(id);
    for (const Node& node : transaction.putNodes)
        rows.nodes.insert_or_assign(node.id, node);
    for (const NodeGroupName& name : transaction.removedNodeGroups)
        rows.groups.erase(name);
    for (const StoredNodeGroup& group : transaction.putNodeGroups)
        rows.groups.insert_or_assign(group.group.name, group);
    for (const PlanItemKey& key : transaction.removedPlanItems)
        rows.plan.erase(key);
    for (const StoredPlanItem& item : transaction.putPlanItems)
        rows.plan.insert_or_assign(keyOf(item.item), item);
    if (transaction.changesPlan())
        rows.planRevision = transaction.revision;
    if (transaction.planFollowedUntil)
        rows.planFollowedUntil = transaction.planFollowedUntil;
    if (!transaction.isEmpty())
        rows.revision = transaction.revision;
    if (!transaction.audit.empty())
        rows.auditSequence = transaction.audit.back().sequence;
}

const Node* SimStore::find(const Rows& rows, const NodeId& id)
{
    const auto found = rows.nodes.find(id);
    return found != rows.nodes.end() ? &found->second : nullptr;
}

EngineState SimStore::state() const
{
    EngineState state;
    state.revision = m_decided.revision;
    state.auditSequence = m_decided.auditSequence;
    for (const auto& [name, group] : m_decided.groups)
        state.nodeGroups.push_back(group);
    for (const auto& [id, node] : m_decided.nodes)
        state.nodes.push_back(node);
    for (const auto& [key, item] : m_decided.plan)
        state.planItems.push_back(item);
    state.planRevision = m_decided.planRevision;
    state.planFollowedUntil = m_decided.planFollowedUntil;
    return state;
}

}  // namespace headgate::sim
