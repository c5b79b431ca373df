#include "core/plan/what_if.h"

#include "core/plan/node_capacity.h"

#include <algorithm>

namespace headgate {

namespace {

bool servesViewers(const NodeGroup& group, const PoolKey& pool)
{
    const Role* role = group.findRole(pool.role);
    return role && role->can(Capability::Subscribe);
}

PlanDocument planOf(const NodeGroup& group, const StoredPlan& plan)
{
    PlanDocument document;
    document.nodeGroups = {group};
    for (const StoredPlanItem& stored : plan.items) {
        const auto groups = groupsOf(stored.item);
        if (groups.empty() || std::ranges::count(groups, group.name) > 0)
            add(document, stored.item);
    }
    return document;
}

}  // namespace

int viewersAt(const std::vector<ViewersAt>& curve, int atS)
{
    const auto after = std::ranges::find_if(curve, [&](const ViewersAt& point) { return point.atS > atS; });
    if (after == curve.begin())
        return curve.front().viewers;
    if (after == curve.end())
        return curve.back().viewers;
    const ViewersAt& before = *(after - 1);
    const std::int64_t rise = after->viewers - before.viewers;
    return before.viewers + static_cast<int>(rise * (atS - before.atS) / (after->atS - before.atS));
}

Result<WhatIfQuestion> questionFrom(const Snapshot& snapshot, const StoredPlan& plan, const NodeGroupName& group)
{
    const NodeGroupStatus* status = snapshot.findNodeGroup(group);
    if (!status)
        return fail(ErrorCode::NotFound, "There is no node group \"" + group.value + "\".");
    WhatIfQuestion question;
    question.plan = planOf(status->group, plan);
    question.start = std::chrono::floor<std::chrono::hours>(snapshot.takenAt);
    question.viewersPerNode = capacity::planOptions(question.plan, group, snapshot.nodeImages).viewersPerNode;
    // Before any node was measured: processes of this machine are there at once.
    if (status->group.cloudPlatform == "LOCAL")
        question.leadTime = Duration(2'000);
    bool hasViewers = false;
    for (const PoolStatus& pool : status->pools) {
        if (!servesViewers(status->group, pool.key))
            continue;
        hasViewers = true;
        question.regions[pool.region] += 0;
        if (pool.leadTime > Duration::zero())
            question.leadTime = pool.leadTime;
    }
    if (!hasViewers)
        return fail(ErrorCode::Conflict, "No role of " + group.value + " serves viewers.",
                    "Give one of its roles the capability subscribe.");
    int viewers = 0;
    for (const NodeStatus& node : snapshot.nodes) {
        const auto region = question.regions.find(node.node.region);
        if (node.node.pool.nodeGroup != group || region == question.regions.end())
            continue;
        region->second += node.load.subscribers;
        viewers += node.load.subscribers;
    }
    for (auto& [region, part] : question.regions)
        part = viewers == 0 ? 1 : part;
    question.viewers = {{0, viewers}};
    return question;
}

}  // namespace headgate
