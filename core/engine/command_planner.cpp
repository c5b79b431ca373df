#include "core/engine/command_planner.h"

#include "core/engine/audit_text.h"
#include "core/engine/node_images.h"
#include "core/engine/reconciler.h"
#include "core/wire/native_codec.h"

#include <algorithm>
#include <string_view>

namespace headgate {

namespace {

using audit_text::counted;
using native::Json;

constexpr std::size_t maxRequestIdLength = 64;
constexpr std::size_t maxAccountNameLength = 64;

// Order without meaning is taken out, so that equal configurations are equal values.
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

std::string roleCount(int count, const std::string& role, const char* verb)
{
    return counted(count, role) + " " + verb + (count == 1 ? "s" : "");
}

std::string sessionCount(int viewers, int publishers)
{
    if (publishers == 0)
        return counted(viewers, "viewer");
    if (viewers == 0)
        return counted(publishers, "publisher");
    return counted(publishers, "publisher") + " and " + counted(viewers, "viewer");
}

class CommandPlanner
{
public:
    CommandPlanner(const EngineModel& model, const CommandRequest& request, TimePoint now)
        : m_model(model), m_request(request), m_now(now)
    {
        m_result.step.transaction.revision = model.revision;
        m_result.outcome.revision = model.revision;
    }

    Result<CommandStep> plan()
    {
        if (m_request.requestId.value.size() > maxRequestIdLength)
            return fail(ErrorCode::InvalidArgument, "The request id is longer than 64 characters.");
        auto planned = std::visit([this](const auto& command) { return plan(command); }, m_request.command);
        if (!planned)
            return tl::unexpected(std::move(planned.error()));
        m_result.outcome.isDryRun = m_request.execution == Execution::DryRun;
        if (m_result.outcome.isDryRun)
            m_result.step = {};
        return std::move(m_result);
    }

private:
    Result<void> plan(const CreateNodeGroup& command);
    Result<void> plan(const ReplaceNodeGroup& command);
    Result<void> plan(const DeleteNodeGroup& command);
    Result<void> plan(const DrainNode& command);
    Result<void> plan(const UndrainNode& command);
    Result<void> plan(const StopNode& command);
    Result<void> plan(const DisconnectViewer& command);
    Result<void> plan(const PutNodeImage& command);
    Result<void> plan(const AddMeasurement& command);
    Result<void> plan(const DeleteNodeImage& command);
    Result<void> plan(const PutAccount& command);
    template <typename Other>
    Result<void> plan(const Other&)
    {
        return fail(ErrorCode::Unsupported, "This is not offered yet.");
    }

    Result<void> checkGroup(const NodeGroup& group) const;
    Result<void> checkVersion(std::uint64_t version, const std::string& what) const;
    Result<const StoredNodeGroup*> existingGroup(const NodeGroupName& name) const;
    Result<const NodeRecord*> existingNode(const NodeId& id) const;

    Result<void> checkImageCount(const StoredNodeImage& old) const;
    Result<StoredNodeImage> imageAsSeen(const std::string& name) const;

    void putGroup(StoredNodeGroup stored);
    void putImage(const StoredNodeImage& old, NodeImageRecord record);
    void putNode(const NodeRecord& record, NodeState state);
    void foresee(const NodeGroup& group);
    void replaceUnfit(const NodeGroup& old, const NodeGroup& group);
    void foreseeRetirement(const std::map<PoolKey, int>& leaving);
    void affect(const NodeRecord& record);
    void record(std::string verb, std::string object, std::string sentence, const Json& before, const Json& after);
    std::string effectsText() const;

    const EngineModel& m_model;
    const CommandRequest& m_request;
    TimePoint m_now;
    CommandStep m_result;
};

// --- Checks. ---

Result<void> firstOf(std::vector<Error> errors)
{
    if (errors.empty())
        return {};
    Error first = std::move(errors.front());
    if (errors.size() > 1)
        first.message += " The document has " + counted(static_cast<int>(errors.size() - 1), "other problem") + ".";
    return tl::unexpected(std::move(first));
}

Result<void> CommandPlanner::checkGroup(const NodeGroup& group) const
{
    if (auto sound = firstOf(validate(group)); !sound)
        return sound;
    const auto& platforms = m_model.options.platformMap;
    if (group.cloudPlatform == "LOCAL" || platforms.contains(group.cloudPlatform))
        return {};
    std::string known = "LOCAL";
    for (const auto& [name, target] : platforms)
        known += ", " + name;
    return fail(ErrorCode::InvalidArgument, "The cloud platform \"" + group.cloudPlatform + "\" is not offered here.",
                "Use one of: " + known + ". Others can be mapped with --platform-map at the start.", "/cloudPlatform");
}

Result<void> CommandPlanner::checkVersion(std::uint64_t version, const std::string& what) const
{
    if (!m_request.ifVersion || *m_request.ifVersion == version)
        return {};
    return fail(ErrorCode::VersionMismatch,
                what + " is at version " + std::to_string(version) + ", and the change was made for version " +
                    std::to_string(*m_request.ifVersion) + ".",
                "Read it again and repeat the change.");
}

Result<const StoredNodeGroup*> CommandPlanner::existingGroup(const NodeGroupName& name) const
{
    const auto it = m_model.groups.find(name);
    if (it == m_model.groups.end())
        return fail(ErrorCode::NotFound, "There is no node group \"" + name.value + "\".");
    if (auto version = checkVersion(it->second.version, "Node group " + name.value); !version)
        return tl::unexpected(std::move(version.error()));
    return &it->second;
}

Result<const NodeRecord*> CommandPlanner::existingNode(const NodeId& id) const
{
    const NodeRecord* record = m_model.findNode(id);
    if (!record)
        return fail(ErrorCode::NotFound, "There is no node \"" + id.value + "\".");
    if (auto version = checkVersion(versionOf(record->node), "Node " + id.value); !version)
        return tl::unexpected(std::move(version.error()));
    return record;
}

// --- Parts of the result. ---

void CommandPlanner::putGroup(StoredNodeGroup stored)
{
    m_result.outcome.version = stored.version;
    m_result.outcome.revision = m_model.revision + 1;
    m_result.step.transaction.revision = m_model.revision + 1;
    m_result.step.transaction.putNodeGroups.push_back(std::move(stored));
}

void CommandPlanner::putNode(const NodeRecord& record, NodeState state)
{
    Node node = record.node;
    node.state = state;
    node.stateSince = m_now;
    m_result.outcome.version = versionOf(node);
    m_result.step.transaction.putNodes.push_back(std::move(node));
}

void CommandPlanner::affect(const NodeRecord& record)
{
    m_result.outcome.viewersAffected += record.load.subscribers;
    m_result.outcome.publishersAffected += record.load.publishers;
}

void CommandPlanner::foreseeRetirement(const std::map<PoolKey, int>& leaving)
{
    for (const auto& [pool, count] : leaving)
        m_result.outcome.effects.push_back(roleCount(count, pool.role, "leave") + " " + pool.subgroup +
                                           " as soon as nobody uses " + (count == 1 ? "it." : "them."));
}

// A node keeps the capabilities it was started with, so it cannot become what its role is now. Images are another
// matter: the running ones do, and a fleet is not restarted because a document names a newer one.
void CommandPlanner::replaceUnfit(const NodeGroup& old, const NodeGroup& group)
{
    std::map<PoolKey, int> unfit;
    bool hasOldImages = false;
    for (const auto& [id, record] : m_model.nodes) {
        const Role* before = old.findRole(record.node.pool.role);
        const Role* after = group.findRole(record.node.pool.role);
        const bool isOurs = record.node.pool.nodeGroup == group.name && isCapacity(record);
        // Nodes without a role are the reconciler's, and those not asked for yet start as their role is then.
        if (!isOurs || !before || !after || record.node.state == NodeState::Requested)
            continue;
        const NodeImage* oldImage = old.findImage(record.node.imageName);
        const NodeImage* newImage = group.findImage(after->imageName);
        hasOldImages = hasOldImages || !oldImage || !newImage || oldImage->image != newImage->image;
        if (before->capabilities == after->capabilities)
            continue;
        Node node = record.node;
        node.state = isWarming(node.state) ? NodeState::DestructionRequested : NodeState::SoftSunset;
        node.stateSince = m_now;
        m_result.step.transaction.putNodes.push_back(std::move(node));
        ++unfit[record.node.pool];
        affect(record);
    }
    for (const auto& [pool, count] : unfit)
        m_result.outcome.effects.push_back(counted(count, pool.role) + " in " + pool.subgroup +
                                           (count == 1 ? " drains and is" : " drain and are") +
                                           " replaced, as the role's capabilities change.");
    if (hasOldImages)
        m_result.outcome.effects.push_back(
            "Nodes that run keep their image; those started from now on take the new one.");
}

void CommandPlanner::foresee(const NodeGroup& group)
{
    const reconciler::GroupPlan groupPlan = reconciler::plan(m_model, group);
    std::map<PoolKey, int> leaving;
    const auto leave = [&](const NodeId& id) {
        const NodeRecord& record = *m_model.findNode(id);
        ++leaving[record.node.pool];
        affect(record);
    };
    for (const reconciler::PoolPlan& pool : groupPlan.pools) {
        if (pool.missing > 0)
            m_result.outcome.effects.push_back(roleCount(pool.missing, pool.pool.key.role, "start") + " in " +
                                               pool.pool.region + ".");
        std::for_each(pool.surplus.begin(), pool.surplus.end(), leave);
    }
    std::for_each(groupPlan.orphans.begin(), groupPlan.orphans.end(), leave);
    foreseeRetirement(leaving);
}

std::string CommandPlanner::effectsText() const
{
    std::string text;
    for (const std::string& effect : m_result.outcome.effects)
        text += " " + effect;
    return text;
}

void CommandPlanner::record(std::string verb, std::string object, std::string sentence, const Json& before,
                            const Json& after)
{
    AuditRecord audit;
    audit.sequence = m_model.auditSequence + 1;
    audit.at = m_now;
    audit.actor = m_request.actor.name;
    audit.verb = std::move(verb);
    audit.object = std::move(object);
    audit.sentence = std::move(sentence) + effectsText();
    audit.before = before.empty() ? std::string() : native::write(before);
    audit.after = after.empty() ? std::string() : native::write(after);
    audit.requestId = m_request.requestId;
    audit.revision = m_result.step.transaction.revision;
    m_result.outcome.changes = native::difference(before, after);
    m_result.step.transaction.audit.push_back(std::move(audit));
}

// --- Node groups. ---

Result<void> CommandPlanner::plan(const CreateNodeGroup& command)
{
    if (auto checked = checkGroup(command.group); !checked)
        return checked;
    const NodeGroupName& name = command.group.name;
    if (m_model.groups.contains(name))
        return fail(ErrorCode::AlreadyExists, "There is a node group \"" + name.value + "\" already.",
                    "Choose another name, or replace that group.", "/name");
    const NodeGroup group = normalized(command.group);
    putGroup({group, 1, m_now, m_now, m_request.actor.name});
    foresee(group);
    record("node-group.create", "node-group/" + name.value, "Node group " + name.value + " was created.",
           Json::object(), native::toJson(group));
    return {};
}

Result<void> CommandPlanner::plan(const ReplaceNodeGroup& command)
{
    const NodeGroupName& name = command.group.name;
    const auto existing = existingGroup(name);
    if (!existing)
        return tl::unexpected(existing.error());
    if (auto checked = checkGroup(command.group); !checked)
        return checked;
    const StoredNodeGroup& old = **existing;
    const NodeGroup group = normalized(command.group);
    putGroup({group, old.version + 1, old.createdAt, m_now, m_request.actor.name});
    replaceUnfit(old.group, group);
    foresee(group);
    if (group.isScalingPaused && !old.group.isScalingPaused)
        m_result.outcome.effects.push_back("Scaling pauses: no node starts, and none is replaced, until it resumes.");
    if (!group.isScalingPaused && old.group.isScalingPaused)
        m_result.outcome.effects.push_back("Scaling resumes.");
    record("node-group.replace", "node-group/" + name.value, "Node group " + name.value + " was changed.",
           native::toJson(old.group), native::toJson(group));
    return {};
}

Result<void> CommandPlanner::plan(const DeleteNodeGroup& command)
{
    const auto existing = existingGroup(command.name);
    if (!existing)
        return tl::unexpected(existing.error());
    Transaction& transaction = m_result.step.transaction;
    int stopping = 0;
    for (const auto& [id, node] : m_model.nodes) {
        if (node.node.pool.nodeGroup != command.name)
            continue;
        if (node.isGone) {
            transaction.removedNodes.push_back(id);
        } else if (!isEnding(node.node.state)) {
            putNode(node, NodeState::DestructionRequested);
            affect(node);
            ++stopping;
        }
    }
    transaction.removedNodeGroups.push_back(command.name);
    transaction.revision = m_model.revision + 1;
    m_result.outcome.revision = transaction.revision;
    m_result.outcome.version = (*existing)->version;
    const CommandOutcome& outcome = m_result.outcome;
    if (stopping > 0)
        m_result.outcome.effects.push_back(roleCount(stopping, "node", "stop") + ".");
    if (outcome.viewersAffected + outcome.publishersAffected > 0)
        m_result.outcome.effects.push_back(sessionCount(outcome.viewersAffected, outcome.publishersAffected) +
                                           " will be disconnected.");
    record("node-group.delete", "node-group/" + command.name.value,
           "Node group " + command.name.value + " was deleted.", native::toJson((*existing)->group), Json::object());
    return {};
}

// --- Nodes. ---

Result<void> CommandPlanner::plan(const DrainNode& command)
{
    const auto existing = existingNode(command.node);
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
    putNode(node, isDraining ? node.node.state : NodeState::SoftSunset);
    auto& deadline = m_result.step.transaction.putNodes.back().drainDeadline;
    deadline.reset();
    if (command.deadlineSeconds)
        deadline = m_now + std::chrono::seconds(*command.deadlineSeconds);
    affect(node);
    const int sessions = sessionsOf(node);
    m_result.outcome.effects.push_back(sessions == 0 ? "It takes no new sessions and ends, as nobody uses it."
                                                     : "It takes no new sessions and ends when " +
                                                           sessionCount(node.load.subscribers, node.load.publishers) +
                                                           (sessions == 1 ? " has left." : " have left."));
    if (deadline)
        m_result.outcome.effects.push_back("Whoever is left at " + toRfc3339(*deadline) + " is disconnected.");
    record("node.drain", audit_text::objectOf(node.node), audit_text::nameOf(node.node) + " drains.",
           native::toJson(node.node), native::toJson(m_result.step.transaction.putNodes.front()));
    return {};
}

Result<void> CommandPlanner::plan(const UndrainNode& command)
{
    const auto existing = existingNode(command.node);
    if (!existing)
        return tl::unexpected(existing.error());
    const NodeRecord& node = **existing;
    if (node.isSealed || node.node.state == NodeState::HardSunset)
        return fail(ErrorCode::Conflict, audit_text::nameOf(node.node) + " is sealed, and there is no way back.",
                    "Its replacement starts by itself if the pool needs one.");
    if (node.node.state != NodeState::SoftSunset || node.node.health == NodeHealth::Dead)
        return fail(ErrorCode::Conflict, audit_text::nameOf(node.node) + " does not drain (" +
                                             std::string(native::toWord(node.node.state)) + ").");
    putNode(node, NodeState::InService);
    m_result.step.transaction.putNodes.back().drainDeadline.reset();
    m_result.outcome.effects.push_back("It takes sessions again.");
    record("node.undrain", audit_text::objectOf(node.node), audit_text::nameOf(node.node) + " is back in service.",
           native::toJson(node.node), native::toJson(m_result.step.transaction.putNodes.front()));
    return {};
}

Result<void> CommandPlanner::plan(const StopNode& command)
{
    const auto existing = existingNode(command.node);
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
    putNode(node, NodeState::DestructionRequested);
    affect(node);
    m_result.outcome.effects.push_back("It stops at once.");
    if (sessionsOf(node) > 0)
        m_result.outcome.effects.push_back(sessionCount(node.load.subscribers, node.load.publishers) +
                                           " will be disconnected.");
    record("node.stop", audit_text::objectOf(node.node), audit_text::nameOf(node.node) + " was told to stop.",
           native::toJson(node.node), native::toJson(m_result.step.transaction.putNodes.front()));
    return {};
}

Result<void> CommandPlanner::plan(const DisconnectViewer& command)
{
    const auto existing = existingNode(command.node);
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
    m_result.outcome.viewersAffected = isChild ? 0 : 1;
    m_result.outcome.effects.push_back(isChild ? "It is a node that pulls: it connects again, and its viewers stay."
                                               : "It may connect again.");
    record("viewer.disconnect", "stream/" + node.pool.nodeGroup.value + "/" + path,
           "Viewer " + viewer.address + " (" + viewer.protocol + ") of the stream " + path + " was disconnected from " +
               audit_text::nameOf(node) + ".",
           native::toJson(viewer), Json::object());
    m_result.step.effects.push_back(
        SendToNode{command.node, node_protocol::EndSession{command.viewer, "disconnected by " + m_request.actor.name}});
    return {};
}

// --- Node images. ---

Result<StoredNodeImage> CommandPlanner::imageAsSeen(const std::string& name) const
{
    StoredNodeImage image = node_images::find(m_model, name);
    if (auto version = checkVersion(image.version, "Node image " + name); !version)
        return tl::unexpected(std::move(version.error()));
    return image;
}

void CommandPlanner::putImage(const StoredNodeImage& old, NodeImageRecord record)
{
    const bool isNew = old.version == 0;
    Transaction& transaction = m_result.step.transaction;
    transaction.revision = m_model.revision + 1;
    m_result.outcome.revision = transaction.revision;
    m_result.outcome.version = old.version + 1;
    const bool hasNewCapacity =
        !record.measurements.empty() &&
        (old.record.measurements.empty() || old.record.measurements.front() != record.measurements.front());
    if (hasNewCapacity)
        m_result.outcome.effects.push_back("Routing counts " +
                                           counted(record.measurements.front().viewersPerCore, "viewer") +
                                           " for a core of its nodes from now on.");
    this->record(isNew ? "node-image.create" : "node-image.replace", "node-image/" + record.name,
                 "Node image " + record.name + (isNew ? " was described." : " was changed."),
                 isNew ? Json::object() : native::toJson(old.record), native::toJson(record));
    transaction.putNodeImages.push_back(
        {std::move(record), old.version + 1, isNew ? m_now : old.createdAt, m_now, m_request.actor.name});
}

// All of them are in every snapshot.
Result<void> CommandPlanner::checkImageCount(const StoredNodeImage& old) const
{
    constexpr std::size_t mostImages = 200;
    if (old.version != 0 || m_model.images.size() < mostImages)
        return {};
    return fail(ErrorCode::ResourceExhausted, "There are " + std::to_string(mostImages) + " node images already.",
                "Delete one first.");
}

Result<void> CommandPlanner::plan(const PutNodeImage& command)
{
    const auto old = imageAsSeen(command.record.name);
    if (!old)
        return tl::unexpected(old.error());
    if (auto sound = firstOf(validate(command.record)); !sound)
        return sound;
    if (auto room = checkImageCount(*old); !room)
        return room;
    putImage(*old, command.record);
    return {};
}

Result<void> CommandPlanner::plan(const AddMeasurement& command)
{
    const auto old = imageAsSeen(command.image);
    if (!old)
        return tl::unexpected(old.error());
    if (auto sound = firstOf(validate(command.measurement)); !sound)
        return sound;
    NodeImageRecord record = node_images::withMeasurement(old->record, command.measurement);
    if (auto sound = firstOf(validate(record)); !sound)
        return sound;
    if (auto room = checkImageCount(*old); !room)
        return room;
    putImage(*old, std::move(record));
    return {};
}

Result<void> CommandPlanner::plan(const DeleteNodeImage& command)
{
    const auto old = imageAsSeen(command.name);
    if (!old)
        return tl::unexpected(old.error());
    if (const std::string users = node_images::usersText(m_model, command.name); !users.empty())
        return fail(ErrorCode::Conflict, "Node image " + command.name + " is used by " + users + ".",
                    "Let these groups use another image first.");
    if (old->version == 0)
        return fail(ErrorCode::NotFound, "There is no node image \"" + command.name + "\".");
    Transaction& transaction = m_result.step.transaction;
    transaction.revision = m_model.revision + 1;
    transaction.removedNodeImages.push_back(command.name);
    m_result.outcome.revision = transaction.revision;
    m_result.outcome.version = old->version;
    record("node-image.delete", "node-image/" + command.name, "Node image " + command.name + " was deleted.",
           native::toJson(old->record), Json::object());
    return {};
}

// --- Accounts. ---

Result<void> CommandPlanner::plan(const PutAccount& command)
{
    Account account = command.account;
    if (account.name.empty() || account.name.size() > maxAccountNameLength)
        return fail(ErrorCode::InvalidArgument, "An account's name has 1 to 64 characters.", {}, "/name");
    if (!account.passwordHash.starts_with("$argon2id$"))
        return fail(ErrorCode::InvalidArgument, "The account has no usable password.", {}, "/password");
    const auto it = m_model.accounts.find(account.name);
    const bool isNew = it == m_model.accounts.end();
    account.createdAt = isNew ? m_now : it->second.createdAt;
    Transaction& transaction = m_result.step.transaction;
    transaction.revision = m_model.revision + 1;
    m_result.outcome.revision = transaction.revision;
    m_result.outcome.version = transaction.revision;
    // The hash stays out of the audit trail.
    const Json named = {{"name", account.name}};
    record(isNew ? "account.create" : "account.password", "account/" + account.name,
           isNew ? "Account " + account.name + " was made." : "Account " + account.name + " got a new password.",
           isNew ? Json::object() : named, named);
    transaction.putAccounts.push_back(std::move(account));
    return {};
}

}  // namespace

Result<CommandStep> planCommand(const EngineModel& model, const CommandRequest& request, TimePoint now)
{
    return CommandPlanner(model, request, now).plan();
}

std::uint64_t versionOf(const Node& node)
{
    return static_cast<std::uint64_t>(std::max<std::int64_t>(toEpochMs(node.stateSince), 0));
}

}  // namespace headgate
