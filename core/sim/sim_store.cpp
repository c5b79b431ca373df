#include "core/sim/sim_store.h"

namespace headgate::sim {

void SimStore::commit(const Transaction& transaction)
{
    for (const NodeId& id : transaction.removedNodes)
        m_nodes.erase(id);
    for (const Node& node : transaction.putNodes)
        m_nodes.insert_or_assign(node.id, node);
    for (const NodeGroupName& name : transaction.removedNodeGroups)
        m_groups.erase(name);
    for (const StoredNodeGroup& group : transaction.putNodeGroups)
        m_groups.insert_or_assign(group.group.name, group);
    commitPlan(transaction);
    if (!transaction.isEmpty())
        m_revision = transaction.revision;
    if (!transaction.audit.empty())
        m_auditSequence = transaction.audit.back().sequence;
}

void SimStore::commitPlan(const Transaction& transaction)
{
    for (const PlanItemKey& key : transaction.removedPlanItems)
        m_plan.erase(key);
    for (const StoredPlanItem& item : transaction.putPlanItems)
        m_plan.insert_or_assign(keyOf(item.item), item);
    if (transaction.changesPlan())
        m_planRevision = transaction.revision;
    if (transaction.planFollowedUntil)
        m_planFollowedUntil = transaction.planFollowedUntil;
}

const Node* SimStore::findNode(const NodeId& id) const
{
    const auto found = m_nodes.find(id);
    return found != m_nodes.end() ? &found->second : nullptr;
}

EngineState SimStore::state() const
{
    EngineState state;
    state.revision = m_revision;
    state.auditSequence = m_auditSequence;
    for (const auto& [name, group] : m_groups)
        state.nodeGroups.push_back(group);
    for (const auto& [id, node] : m_nodes)
        state.nodes.push_back(node);
    for (const auto& [key, item] : m_plan)
        state.planItems.push_back(item);
    state.planRevision = m_planRevision;
    state.planFollowedUntil = m_planFollowedUntil;
    return state;
}

}  // namespace headgate::sim
