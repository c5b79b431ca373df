#include "core/engine/audit_text.h"
#include "core/engine/autoscaler.h"
#include "core/engine/commands.h"
#include "core/engine/plan_book.h"
#include "core/engine/plan_content.h"
#include "core/engine/reconciler.h"

#include <algorithm>
#include <map>
#include <set>

namespace headgate::commands {

namespace {

using audit_text::counted;
using audit_text::roleCount;
using native::Json;

Result<const StoredNodeGroup*> existingGroup(const CommandDraft& draft, const NodeGroupName& name)
{
    const auto it = draft.model().groups.find(name);
    if (it == draft.model().groups.end())
        return fail(ErrorCode::NotFound, "There is no node group \"" + name.value + "\".");
    if (auto version = draft.checkVersion(it->second.version, "Node group " + name.value); !version)
        return tl::unexpected(std::move(version.error()));
    return &it->second;
}

void foreseePause(CommandDraft& draft, const NodeGroup& old, const NodeGroup& group)
{
    if (group.isScalingPaused && !old.isScalingPaused)
        draft.foresee("Scaling pauses: no node starts, and none is replaced or leaves, until it resumes.");
    if (!group.isScalingPaused && old.isScalingPaused)
        draft.foresee("Scaling resumes.");
}

// Of a group that has no plan.
Result<void> foreseeAlone(CommandDraft& draft, const NodeGroup& group)
{
    const FollowedPlan followed = plan_book::follow(draft.model(), plan_book::documentOf(draft.model(), group));
    foreseeNodes(draft, plan_book::orderOf(draft.model(), group, followed, draft.now()));
    return {};
}

bool hasPlan(const EngineModel& model, const NodeGroupName& group)
{
    return std::ranges::any_of(
        model.planItems, [&](const auto& entry) { return std::ranges::count(groupsOf(entry.second.item), group) > 0; });
}

// Nodes of a group that goes.
void endNodes(CommandDraft& draft, const NodeGroupName& name)
{
    int stopping = 0;
    for (const auto& [id, node] : draft.model().nodes) {
        if (node.node.pool.nodeGroup != name)
            continue;
        if (node.isGone) {
            draft.transaction().removedNodes.push_back(id);
        } else if (!isEnding(node.node.state)) {
            draft.putNode(node, NodeState::DestructionRequested);
            draft.affect(node);
            ++stopping;
        }
    }
    if (stopping > 0)
        draft.foresee(roleCount(stopping, "node", "stop") + ".");
    const CommandOutcome& outcome = draft.outcome();
    if (outcome.viewersAffected + outcome.publishersAffected > 0)
        draft.foresee(audit_text::sessionCount(outcome.viewersAffected, outcome.publishersAffected) +
                      " will be disconnected.");
}

void removePlanOf(CommandDraft& draft, const NodeGroupName& name)
{
    int removed = 0;
    for (const auto& [key, stored] : draft.model().planItems) {
        if (std::ranges::count(groupsOf(stored.item), name) == 0)
            continue;
        draft.transaction().removedPlanItems.push_back(key);
        ++removed;
    }
    if (removed > 0)
        draft.foresee(counted(removed, "thing") + " of its plan " + (removed == 1 ? "goes" : "go") + " with it.");
}

}  // namespace

void foreseeNodes(CommandDraft& draft, const GroupOrder& order)
{
    const reconciler::GroupPlan groupPlan = reconciler::plan(draft.model(), order, draft.now());
    std::set<NodeId> going(groupPlan.orphans.begin(), groupPlan.orphans.end());
    for (const reconciler::PoolPlan& pool : groupPlan.pools) {
        const std::string& role = pool.pool.key.role;
        const std::string place = " in " + pool.pool.region + ".";
        const int back = static_cast<int>(pool.returning.size());
        if (back > 0)
            draft.foresee(counted(back, role) + (back == 1 ? " that drains comes back" : " that drain come back") +
                          place);
        const int more = pool.missing + pool.missingAhead - pool.successors;
        if (more > 0)
            draft.foresee(roleCount(more, role, "start") + place);
        going.insert(pool.surplus.begin(), pool.surplus.end());
    }
    std::map<PoolKey, int> leaving, outdated;
    for (const auto& [id, record] : draft.model().nodes) {
        const bool isGoing = going.contains(id);
        const bool isOurs = record.node.pool.nodeGroup == order.group.name && isCapacity(record);
        const bool isReplaced = isOurs && !order.group.isScalingPaused && reconciler::isOutdated(order, record.node);
        if (!isGoing && !isReplaced)
            continue;
        ++(isGoing ? leaving : outdated)[record.node.pool];
        draft.affect(record);
    }
    for (const auto& [pool, count] : leaving)
        draft.foresee(roleCount(count, pool.role, "leave") + " " + pool.subgroup + " as soon as nobody uses " +
                      (count == 1 ? "it." : "them."));
    for (const auto& [pool, count] : outdated)
        draft.foresee(counted(count, pool.role) + " in " + pool.subgroup + (count == 1 ? " is" : " are") +
                      " replaced, few at a time, as " + (count == 1 ? "its" : "their") + " image or role changes.");
}

NodeGroup normalized(NodeGroup group)
{
    const auto byName = [](const auto& a, const auto& b) { return a.name < b.name; };
    std::sort(group.images.begin(), group.images.end(), byName);
    std::sort(group.roles.begin(), group.roles.end(), byName);
    const auto sortRules = [](auto&& self, std::vector<Subgroup>& subgroups) -> void {
        for (Subgroup& subgroup : subgroups) {
            std::sort(subgroup.rules.begin(), subgroup.rules.end(),
                      [](const ScaleRule& a, const ScaleRule& b) { return a.roleName < b.roleName; });
            self(self, subgroup.children);
        }
    };
    sortRules(sortRules, group.subgroups);
    return group;
}

Result<void> checkGroup(const CommandDraft& draft, const NodeGroup& group)
{
    if (auto sound = firstOf(validate(group)); !sound)
        return sound;
    const auto& platforms = draft.model().options.platformMap;
    if (group.cloudPlatform == "LOCAL" || platforms.contains(group.cloudPlatform))
        return {};
    std::string known = "LOCAL";
    for (const auto& [name, target] : platforms)
        known += ", " + name;
    return fail(ErrorCode::InvalidArgument, "The cloud platform \"" + group.cloudPlatform + "\" is not offered here.",
                "Use one of: " + known + ". Others can be mapped with --platform-map at the start.", "/cloudPlatform");
}

void writeGroup(CommandDraft& draft, const NodeGroup& group)
{
    const auto it = draft.model().groups.find(group.name);
    const StoredNodeGroup* old = it != draft.model().groups.end() ? &it->second : nullptr;
    const std::uint64_t version = old ? old->version + 1 : 1;
    draft.changeConfiguration(version);
    draft.transaction().putNodeGroups.push_back(
        {group, version, old ? old->createdAt : draft.now(), draft.now(), draft.actor()});
    for (std::string& sentence : autoscaler::expressionsInVain(group))
        draft.foresee(std::move(sentence));
    if (old)
        foreseePause(draft, old->group, group);
}

void removeGroup(CommandDraft& draft, const NodeGroupName& name)
{
    endNodes(draft, name);
    removePlanOf(draft, name);
    for (const auto& [key, stored] : draft.model().provisions) {
        if (key.nodeGroup == name)
            draft.transaction().removedProvisions.push_back(key);
    }
    draft.transaction().removedNodeGroups.push_back(name);
}

Result<void> plan(CommandDraft& draft, const CreateNodeGroup& command)
{
    if (auto checked = checkGroup(draft, command.group); !checked)
        return checked;
    const NodeGroupName& name = command.group.name;
    const bool isConfiguration = draft.model().planItems.contains({PlanItemKind::Configuration, name.value});
    if (draft.model().groups.contains(name) || isConfiguration)
        return fail(ErrorCode::AlreadyExists,
                    isConfiguration ? "There is a configuration overlay \"" + name.value + "\" already."
                                    : "There is a node group \"" + name.value + "\" already.",
                    "Choose another name, or replace that one.", "/name");
    const NodeGroup group = normalized(command.group);
    const bool isPlanned = !command.plan.isEmpty();
    if (auto edited = isPlanned ? writeEdits(draft, group, command.plan) : foreseeAlone(draft, group); !edited)
        return edited;
    writeGroup(draft, group);
    draft.record("node-group.create", "node-group/" + name.value, "Node group " + name.value + " was created.",
                 Json::object(), native::toJson(group));
    tellItems(draft);
    return {};
}

Result<void> plan(CommandDraft& draft, const ReplaceNodeGroup& command)
{
    const NodeGroupName& name = command.group.name;
    const auto existing = existingGroup(draft, name);
    if (!existing)
        return tl::unexpected(existing.error());
    if (auto checked = checkGroup(draft, command.group); !checked)
        return checked;
    const StoredNodeGroup& old = **existing;
    const NodeGroup group = normalized(command.group);
    const bool isPlanned = !command.plan.isEmpty() || hasPlan(draft.model(), name);
    if (auto edited = isPlanned ? writeEdits(draft, group, command.plan) : foreseeAlone(draft, group); !edited)
        return edited;
    writeGroup(draft, group);
    draft.record("node-group.replace", "node-group/" + name.value, "Node group " + name.value + " was changed.",
                 native::toJson(old.group), native::toJson(group));
    tellItems(draft);
    return {};
}

Result<void> plan(CommandDraft& draft, const DeleteNodeGroup& command)
{
    const auto existing = existingGroup(draft, command.name);
    if (!existing)
        return tl::unexpected(existing.error());
    removeGroup(draft, command.name);
    for (const auto& [name, stored] : draft.model().deployments) {
        if (std::ranges::count(stored.deployment.nodeGroups, command.name) == 0)
            continue;
        StoredDeployment without = stored;
        std::erase(without.deployment.nodeGroups, command.name);
        ++without.version;
        without.updatedAt = draft.now();
        without.updatedBy = draft.actor();
        draft.transaction().putDeployments.push_back(std::move(without));
        draft.foresee("It leaves the deployment " + name + ".");
    }
    draft.changeConfiguration((*existing)->version);
    draft.record("node-group.delete", "node-group/" + command.name.value,
                 "Node group " + command.name.value + " was deleted.", native::toJson((*existing)->group),
                 Json::object());
    return {};
}

}  // namespace headgate::commands
