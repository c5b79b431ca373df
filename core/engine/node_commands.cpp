#include "core/engine/audit_text.h"
#include "core/engine/command_planner.h"
#include "core/engine/commands.h"

#include <algorithm>

namespace headgate::commands {

namespace {

using audit_text::counted;
using audit_text::sessionCount;
using native::Json;

Result<const NodeRecord*> existingNode(const CommandDraft& draft, const NodeId& id)
{
    const NodeRecord* record = draft.model().findNode(id);
    if (!record)
        return fail(ErrorCode::NotFound, "There is no node \"" + id.value + "\".");
    if (auto version = draft.checkVersion(versionOf(record->node), "Node " + id.value); !version)
        return tl::unexpected(std::move(version.error()));
    return record;
}

// A node that comes back may be one too many for its pool.
void foreseeSurplus(CommandDraft& draft, const PoolKey& key)
{
    const GroupOrder* order = plan_book::find(draft.model(), key.nodeGroup);
    const auto pool = order ? std::ranges::find(order->pools, key, [](const PoolOrder& o) { return o.pool.key; })
                            : std::vector<PoolOrder>::const_iterator();
    if (!order || order->group.isScalingPaused || pool == order->pools.end())
        return;
    const auto nodes = std::ranges::count_if(draft.model().nodes, [&](const auto& entry) {
        return entry.second.node.pool == key && isCapacity(entry.second);
    });
    if (nodes >= pool->wanted + pool->ahead)
        draft.foresee("Its pool needs " + counted(pool->wanted + pool->ahead, "node") +
                      " only, so the one that loses least leaves.");
}

// The node as it was, and as the transaction has it.
void recordNode(CommandDraft& draft, const std::string& verb, const NodeRecord& node, const std::string& what)
{
    draft.record(verb, audit_text::objectOf(node.node), audit_text::nameOf(node.node) + what, native::toJson(node.node),
                 native::toJson(draft.transaction().putNodes.front()));
}

}  // namespace

Result<void> plan(CommandDraft& draft, const DrainNode& command)
{
    const auto existing = existingNode(draft, command.node);
    if (!existing)
        return tl::unexpected(existing.error());
    const NodeRecord& node = **existing;
    const bool isDraining = isDrainingState(node.node.state);
    if ((node.node.state != NodeState::InService && !isDraining) || node.node.health == NodeHealth::Dead)
        return fail(ErrorCode::Conflict,
                    audit_text::nameOf(node.node) + " is not in service (" +
                        std::string(native::toWord(node.node.state)) + "), so it cannot be drained.",
                    "Stop it, if it should end.");
    if (command.deadlineSeconds &&
        (*command.deadlineSeconds < 1 || *command.deadlineSeconds > DrainNode::longestSeconds))
        return fail(ErrorCode::InvalidArgument, "The deadline must be 1 second to 7 days away.", {},
                    "/deadlineSeconds");
    draft.putNode(node, isDraining ? node.node.state : NodeState::SoftSunset);
    auto& deadline = draft.transaction().putNodes.back().drainDeadline;
    deadline.reset();
    if (command.deadlineSeconds)
        deadline = draft.now() + std::chrono::seconds(*command.deadlineSeconds);
    draft.affect(node);
    const int sessions = sessionsOf(node);
    draft.foresee(sessions == 0 ? "It takes no new sessions and ends, as nobody uses it."
                                : "It takes no new sessions and ends when " +
                                      sessionCount(node.load.subscribers, node.load.publishers) +
                                      (sessions == 1 ? " has left." : " have left."));
    if (deadline)
        draft.foresee("Whoever is left at " + toRfc3339(*deadline) + " is disconnected.");
    recordNode(draft, "node.drain", node, " drains.");
    return {};
}

Result<void> plan(CommandDraft& draft, const UndrainNode& command)
{
    const auto existing = existingNode(draft, command.node);
    if (!existing)
        return tl::unexpected(existing.error());
    const NodeRecord& node = **existing;
    if (node.isSealed || node.node.state == NodeState::HardSunset)
        return fail(ErrorCode::Conflict, audit_text::nameOf(node.node) + " is sealed, and there is no way back.",
                    "Its replacement starts by itself if the pool needs one.");
    if (node.node.state != NodeState::SoftSunset || node.node.health == NodeHealth::Dead)
        return fail(ErrorCode::Conflict, audit_text::nameOf(node.node) + " does not drain (" +
                                             std::string(native::toWord(node.node.state)) + ").");
    draft.putNode(node, NodeState::InService);
    Node& put = draft.transaction().putNodes.back();
    put.drainDeadline.reset();
    if (put.health == NodeHealth::Quarantined) {
        put.health = NodeHealth::Healthy;
        put.failure.clear();
    }
    draft.foresee("It takes sessions again.");
    foreseeSurplus(draft, node.node.pool);
    recordNode(draft, "node.undrain", node, " is back in service.");
    return {};
}

Result<void> plan(CommandDraft& draft, const StopNode& command)
{
    const auto existing = existingNode(draft, command.node);
    if (!existing)
        return tl::unexpected(existing.error());
    const NodeRecord& node = **existing;
    if (isEnding(node.node.state))
        return fail(ErrorCode::Conflict, audit_text::nameOf(node.node) + " is ending already.");
    if (command.mode == StopMode::RefuseIfPublishing && node.load.publishers > 0)
        return fail(ErrorCode::Conflict,
                    audit_text::nameOf(node.node) + " has " + counted(node.load.publishers, "publisher") +
                        " connected, so it was not stopped.",
                    "Drain it, or stop it with its sessions cut.");
    draft.putNode(node, NodeState::DestructionRequested);
    draft.affect(node);
    draft.foresee("It stops at once.");
    if (sessionsOf(node) > 0)
        draft.foresee(sessionCount(node.load.subscribers, node.load.publishers) + " will be disconnected.");
    recordNode(draft, "node.stop", node, " was told to stop.");
    return {};
}

Result<void> plan(CommandDraft& draft, const DisconnectViewer& command)
{
    const auto existing = existingNode(draft, command.node);
    if (!existing)
        return tl::unexpected(existing.error());
    const Node& node = (*existing)->node;
    const StreamViewer& viewer = command.found;
    const std::string path = command.stream.path();
    if (command.viewer == 0 || viewer.id != command.viewer)
        return fail(ErrorCode::NotFound,
                    "Viewer " + std::to_string(command.viewer) + " of the stream " + path + " is not on " +
                        audit_text::nameOf(node) + ".",
                    "It may have left; look at the list of viewers.");
    const bool isChild = viewer.kind == ViewerKind::Child;
    draft.outcome().viewersAffected = isChild ? 0 : 1;
    draft.foresee(isChild ? "It is a node that pulls: it connects again, and its viewers stay."
                          : "It may connect again.");
    draft.record("viewer.disconnect", "stream/" + node.pool.nodeGroup.value + "/" + path,
                 "Viewer " + viewer.address + " (" + viewer.protocol + ") of the stream " + path +
                     " was disconnected from " + audit_text::nameOf(node) + ".",
                 native::toJson(viewer), Json::object());
    draft.run(SendToNode{command.node, node_protocol::EndSession{command.viewer, "disconnected by " + draft.actor()}});
    return {};
}

}  // namespace headgate::commands
