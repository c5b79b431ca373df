#pragma once

#include "core/engine/engine.h"

#include <map>

namespace headgate::sim {

// What is durable: a store that replays transactions. An engine that starts again starts from it.
class SimStore
{
public:
    void commit(const Transaction& transaction);

    // Null if there is no such row.
    const Node* findNode(const NodeId& id) const;
    const std::map<NodeId, Node>& nodes() const { return m_nodes; }
    std::int64_t auditSequence() const { return m_auditSequence; }
    std::uint64_t revision() const { return m_revision; }

    EngineState state() const;

private:
    void commitPlan(const Transaction& transaction);

    std::map<NodeId, Node> m_nodes;
    std::map<NodeGroupName, StoredNodeGroup> m_groups;
    std::map<PlanItemKey, StoredPlanItem> m_plan;
    std::uint64_t m_planRevision = 0;
    std::optional<TimePoint> m_planFollowedUntil;
    std::uint64_t m_revision = 0;
    std::int64_t m_auditSequence = 0;
};

}  // namespace headgate::sim
