#pragma once

#include "core/domain/decision.h"
#include "core/engine/model.h"

#include <set>
#include <string>

namespace headgate {

// What the engine itself did, for the audit trail.
struct AuditDraft
{
    std::string verb;
    std::string object;
    Severity severity = Severity::Info;
    std::string sentence;
    Decision decision = {};  // without a rule: it was none
};

// Changes the model and keeps account of it, so that the step holds exactly what changed: each touched row once.
class StepWriter
{
public:
    StepWriter(EngineModel& model, TimePoint now) : m_model(model), m_now(now) {}

    EngineModel& model() { return m_model; }
    TimePoint now() const { return m_now; }

    // The row is stored as it is at the end of the step.
    void touch(const NodeRecord& record);
    void setState(NodeRecord& record, NodeState state);
    void setHealth(NodeRecord& record, NodeHealth health);
    NodeRecord& addNode(Node node);
    void removeNode(const NodeId& id);

    void run(Effect effect) { m_step.effects.push_back(std::move(effect)); }
    void audit(AuditDraft draft);
    // All windows of the plan up to then are told.
    void followPlan(TimePoint until);

    Step finish();

private:
    EngineModel& m_model;
    TimePoint m_now;
    Step m_step;
    std::set<NodeId> m_added;
    std::set<NodeId> m_touched;
};

}  // namespace headgate
