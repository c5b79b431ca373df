#include "core/plan/plan_merge.h"

#include <algorithm>
#include <map>
#include <optional>

namespace headgate {

PlanDocument toDocument(const StoredPlan& plan, const Snapshot& snapshot, const PlanItem* draft)
{
    PlanDocument document;
    for (const NodeGroupStatus& status : snapshot.nodeGroups)
        document.nodeGroups.push_back(status.group);
    const std::optional<PlanItemKey> key = draft ? std::optional(keyOf(*draft)) : std::nullopt;
    for (const StoredPlanItem& stored : plan.items) {
        if (keyOf(stored.item) != key)
            add(document, stored.item);
    }
    if (draft)
        add(document, *draft);
    return document;
}

PlanDocument merged(const PlanDocument& base, const PlanDocument& changes)
{
    std::map<NodeGroupName, NodeGroup> groups;
    std::map<PlanItemKey, PlanItem> items;
    for (const PlanDocument* each : {&base, &changes}) {
        for (const NodeGroup& group : each->nodeGroups)
            groups.insert_or_assign(group.name, group);
        for (PlanItem& item : itemsOf(*each)) {
            PlanItemKey key = keyOf(item);
            items.insert_or_assign(std::move(key), std::move(item));
        }
    }
    PlanDocument document;
    for (auto& [name, group] : groups)
        document.nodeGroups.push_back(std::move(group));
    for (auto& [key, item] : items)
        add(document, std::move(item));
    return document;
}

seconds orderedAhead(const PoolKey& pool, const Snapshot& snapshot)
{
    seconds longest{0};
    if (const NodeGroupStatus* status = snapshot.findNodeGroup(pool.nodeGroup)) {
        for (const PoolStatus& each : status->pools) {
            if (pool.role.empty() || each.key == pool)
                longest = std::max(longest, std::chrono::ceil<seconds>(each.leadTime));
        }
    }
    return longest;
}

PlanFacts factsAbout(const NodeGroupName& group, const Snapshot& snapshot)
{
    PlanFacts facts;
    facts.now = std::chrono::floor<seconds>(snapshot.takenAt);
    facts.leadTime = orderedAhead({group, {}, {}}, snapshot);
    facts.liveStreams = static_cast<int>(std::ranges::count(snapshot.streams, group, &StreamStatus::nodeGroup));
    return facts;
}

}  // namespace headgate
