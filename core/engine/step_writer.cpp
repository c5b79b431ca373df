#include "core/engine/step_writer.h"

#include "core/wire/decision_document.h"

namespace headgate {

void StepWriter::touch(const NodeRecord& record)
{
    m_touched.insert(record.node.id);
}

void StepWriter::setState(NodeRecord& record, NodeState state)
{
    record.node.state = state;
    record.node.stateSince = m_now;
    m_model.isTopologyChanged = true;
    touch(record);
}

void StepWriter::setHealth(NodeRecord& record, NodeHealth health)
{
    if (health == NodeHealth::Healthy)
        record.lostAt.reset();
    else if (record.node.health == NodeHealth::Healthy && !isWarming(record.node.state))
        record.lostAt = m_now;
    record.node.health = health;
    m_model.isTopologyChanged = true;
    touch(record);
}

NodeRecord& StepWriter::addNode(Node node)
{
    const NodeId id = node.id;
    NodeRecord& record = m_model.nodes[id];
    record.node = std::move(node);
    record.silentSince = m_now;
    m_added.insert(id);
    touch(record);
    return record;
}

void StepWriter::removeNode(const NodeId& id)
{
    m_touched.erase(id);
    if (!m_added.erase(id))
        m_step.transaction.removedNodes.push_back(id);
    m_model.nodes.erase(id);
    m_model.isTopologyChanged = true;
}

void StepWriter::audit(AuditDraft draft)
{
    AuditRecord record;
    record.sequence = ++m_model.auditSequence;
    record.at = m_now;
    record.actor = "engine";
    record.verb = std::move(draft.verb);
    record.object = std::move(draft.object);
    record.severity = draft.severity;
    record.sentence = std::move(draft.sentence);
    if (!draft.decision.rule.empty())
        record.after = native::decisionDocument(draft.decision);
    record.revision = m_model.revision;
    remember(m_model.recentAudit, record);
    m_step.transaction.audit.push_back(std::move(record));
}

void StepWriter::followPlan(TimePoint until)
{
    m_model.planFollowedUntil = until;
    m_step.transaction.planFollowedUntil = until;
}

Step StepWriter::finish()
{
    m_step.transaction.revision = m_model.revision;
    for (const NodeId& id : m_touched)
        m_step.transaction.putNodes.push_back(m_model.nodes.at(id).node);
    return std::move(m_step);
}

bool Transaction::isEmpty() const
{
    return putNodeGroups.empty() && removedNodeGroups.empty() && putNodes.empty() && removedNodes.empty() &&
           putNodeImages.empty() && removedNodeImages.empty() && putAccounts.empty() && removedAccounts.empty() &&
           !changesPlan() && !planFollowedUntil && putRegions.empty() && removedRegions.empty() && !defaultRegion &&
           !tokenKeys && putDeployments.empty() && removedDeployments.empty() && putProvisions.empty() &&
           removedProvisions.empty() && audit.empty();
}

}  // namespace headgate
