#pragma once

#include "core/engine/engine.h"

#include <map>
#include <optional>

namespace headgate::sim {

// What was decided, and what of it is durable: a store that replays transactions. An engine that starts again starts
// from what is durable.
class SimStore
{
public:
    // Decided and durable at once.
    void commit(const Transaction& transaction) { apply(m_decided, transaction); }

    // Decided; durable with keep(), in the same order.
    void decide(const Transaction& transaction);
    void keep(const Transaction& transaction);
    // All that was decided is durable.
    void settle() { m_durable.reset(); }
    // What is not durable is lost.
    void forgetRest();

    // As it was decided. Null if there is no such row.
    const Node* findNode(const NodeId& id) const { return find(m_decided, id); }
    const std::map<NodeId, Node>& nodes() const { return m_decided.nodes; }
    std::int64_t auditSequence() const { return m_decided.auditSequence; }
    std::uint64_t revision() const { return m_decided.revision; }

    const Node* findDurableNode(const NodeId& id) const { return find(m_durable ? *m_durable : m_decided, id); }

    // As it was decided.
    EngineState state() const;

private:
    struct Rows
    {
        std::map<NodeId, Node> nodes;
        std::map<NodeGroupName, StoredNodeGroup> groups;
        std::map<PlanItemKey, StoredPlanItem> plan;
        std::uint64_t planRevision = 0;
        std::optional<TimePoint> planFollowedUntil;
        std::uint64_t revision = 0;
        std::int64_t auditSequence = 0;
    };

    static void apply(Rows& rows, const Transaction& transaction);
    static const Node* find(const Rows& rows, const NodeId& id);

    Rows m_decided;
    std::optional<Rows> m_durable;  // none: the same
};

}  // namespace headgate::sim
