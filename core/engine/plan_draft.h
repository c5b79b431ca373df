#pragma once

#include "core/engine/model.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace headgate {

// The plan as a command would leave it, beside the plan as it is.
class PlanDraft
{
public:
    explicit PlanDraft(const EngineModel& model) : m_model(model) {}

    // What the command writes; things that it leaves as they are may be among them.
    void put(NodeGroup group);
    void put(PlanItem item);
    void remove(const PlanItemKey& key);

    // What was put, in that order, and what else is there then: the first rule that is broken, and how many more.
    // InvalidArgument leads into a document of what was put; Conflict if a stored item would not fit any more, and
    // ResourceExhausted if there would be too many.
    Result<void> check() const;

    // All that decides for the group, before and after.
    PlanDocument before(const NodeGroupName& group) const;
    PlanDocument after(const NodeGroupName& group) const;

    // The groups for which something may differ, sorted.
    std::set<NodeGroupName> concernedGroups() const;

    // The items that were put or removed, as they were and as they will be; null: not there.
    struct Change
    {
        const PlanItem* before = nullptr;
        const PlanItem* after = nullptr;
    };
    std::map<PlanItemKey, Change> changes() const;

    bool changesGroup(const NodeGroupName& group) const { return m_groups.contains(group); }

private:
    const NodeGroup* groupAfter(const NodeGroupName& name) const;
    const PlanItem* itemBefore(const PlanItemKey& key) const;
    void forEachItemAfter(const std::function<void(const PlanItem&)>& take) const;
    std::vector<Error> checkNames() const;
    Result<void> checkCounts() const;
    Result<void> checkRules() const;
    std::set<PlanItemKey> unfitBefore() const;  // a change is not refused because of them

    const EngineModel& m_model;
    std::map<NodeGroupName, NodeGroup> m_groups;
    std::map<PlanItemKey, std::optional<PlanItem>> m_items;  // none: removed
    PlanDocument m_put;
};

// Those of the engine; without any there is UTC.
ZoneLoader zonesOf(const EngineModel& model);

}  // namespace headgate
