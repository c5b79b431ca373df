#include "core/engine/audit_text.h"
#include "core/engine/commands.h"
#include "core/engine/plan_content.h"

#include <algorithm>
#include <set>

namespace headgate::commands {

namespace {

using audit_text::counted;
using native::Json;

constexpr std::size_t mostRegions = 200;
constexpr std::size_t mostDeployments = 100;
constexpr std::size_t mostDemands = 200;

// --- Regions. ---

bool isBuiltIn(const std::string& name)
{
    return std::ranges::count(builtInRegions(), name, &Region::name) > 0;
}

Result<const StoredRegion*> addedRegion(const CommandDraft& draft, const std::string& name)
{
    if (isBuiltIn(name))
        return fail(ErrorCode::Conflict, "The region " + name + " is built in and stays as it is.",
                    "Add one of your own under another name.");
    const auto it = draft.model().regions.find(name);
    const StoredRegion* region = it != draft.model().regions.end() ? &it->second : nullptr;
    if (auto version = draft.checkVersion(region ? region->version : 0, "Region " + name); !version)
        return tl::unexpected(std::move(version.error()));
    return region;
}

// The groups with a pool in the region, also by a configuration overlay.
std::string groupsIn(const EngineModel& model, const std::string& region)
{
    std::set<std::string> names;
    const auto look = [&](const NodeGroup& group) {
        for (const Pool& pool : poolsOf(group)) {
            if (pool.region == region)
                names.insert(group.name.value);
        }
    };
    for (const auto& [name, stored] : model.groups)
        look(stored.group);
    for (const auto& [key, stored] : model.planItems) {
        if (const auto* overlay = std::get_if<ConfigurationOverlay>(&stored.item))
            look(overlay->configuration);
    }
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

// --- Deployments. ---

Result<const StoredDeployment*> existingDeployment(const CommandDraft& draft, const std::string& name)
{
    const auto it = draft.model().deployments.find(name);
    if (it == draft.model().deployments.end())
        return fail(ErrorCode::NotFound, "There is no deployment \"" + name + "\".");
    if (auto version = draft.checkVersion(it->second.version, "Deployment " + name); !version)
        return tl::unexpected(std::move(version.error()));
    return &it->second;
}

void putDeployment(CommandDraft& draft, StoredDeployment stored)
{
    stored.updatedAt = draft.now();
    stored.updatedBy = draft.actor();
    draft.transaction().putDeployments.push_back(std::move(stored));
}

// Its groups are there, or come with it, and belong to no other one.
Result<void> checkMembers(const CommandDraft& draft, const Deployment& deployment, const PlanDocument& content)
{
    if (auto sound = firstOf(validate(deployment)); !sound)
        return sound;
    if (deployment.demand.size() > mostDemands)
        return fail(ErrorCode::InvalidArgument, "A deployment has at most 200 demands.", {}, "/demand");
    for (std::size_t i = 0; i < deployment.nodeGroups.size(); ++i) {
        const NodeGroupName& group = deployment.nodeGroups[i];
        const std::string pointer = "/nodeGroups/" + std::to_string(i);
        const bool isThere =
            draft.model().groups.contains(group) || std::ranges::count(content.nodeGroups, group, &NodeGroup::name) > 0;
        if (!isThere)
            return fail(ErrorCode::InvalidArgument, "There is no node group \"" + group.value + "\".", {}, pointer);
        for (const auto& [name, other] : draft.model().deployments) {
            if (name != deployment.name && std::ranges::count(other.deployment.nodeGroups, group) > 0)
                return fail(ErrorCode::Conflict,
                            "The node group " + group.value + " belongs to the deployment " + name + ".",
                            "Take it out there first.", pointer);
        }
    }
    return {};
}

Deployment sorted(Deployment deployment)
{
    std::ranges::sort(deployment.nodeGroups);
    return deployment;
}

bool isMember(const Deployment& deployment, const NodeRecord& record)
{
    return std::ranges::count(deployment.nodeGroups, record.node.pool.nodeGroup) > 0;
}

int countNodes(const EngineModel& model, const Deployment& deployment)
{
    return static_cast<int>(
        std::ranges::count_if(model.nodes, [&](const auto& entry) { return isMember(deployment, entry.second); }));
}

Json powerJson(DeploymentPower power)
{
    return {{"power", std::string(native::toWord(power))}};
}

}  // namespace

Result<void> plan(CommandDraft& draft, const PutRegion& command)
{
    const Region& region = command.region;
    const auto old = addedRegion(draft, region.name);
    if (!old)
        return tl::unexpected(old.error());
    if (auto sound = firstOf(validate(region)); !sound)
        return sound;
    const StoredRegion* before = *old;
    if (!before && draft.model().regions.size() >= mostRegions)
        return fail(ErrorCode::ResourceExhausted, "There are 200 regions of your own already.", "Delete one first.");
    const std::uint64_t version = before ? before->version + 1 : 1;
    draft.changeConfiguration(version);
    draft.record(before ? "region.replace" : "region.create", "region/" + region.name,
                 "Region " + region.name + (before ? " was changed." : " was added."),
                 before ? native::toJson(before->region) : Json::object(), native::toJson(region));
    draft.transaction().putRegions.push_back(
        {region, version, before ? before->createdAt : draft.now(), draft.now(), draft.actor()});
    return {};
}

Result<void> plan(CommandDraft& draft, const DeleteRegion& command)
{
    const auto old = addedRegion(draft, command.name);
    if (!old)
        return tl::unexpected(old.error());
    if (!*old)
        return fail(ErrorCode::NotFound, "There is no region \"" + command.name + "\".");
    if (draft.model().defaultRegion == command.name)
        return fail(ErrorCode::Conflict, "The region " + command.name + " is the default one.",
                    "Choose another default first.");
    if (const std::string groups = groupsIn(draft.model(), command.name); !groups.empty())
        return fail(ErrorCode::Conflict, "The region " + command.name + " is used by " + groups + ".",
                    "Let these groups use another region first.");
    draft.changeConfiguration((*old)->version);
    draft.transaction().removedRegions.push_back(command.name);
    draft.record("region.delete", "region/" + command.name, "Region " + command.name + " was deleted.",
                 native::toJson((*old)->region), Json::object());
    return {};
}

Result<void> plan(CommandDraft& draft, const SetDefaultRegion& command)
{
    const std::string& name = command.name;
    if (!name.empty() && !isBuiltIn(name) && !draft.model().regions.contains(name))
        return fail(ErrorCode::InvalidArgument, "There is no region \"" + name + "\".",
                    "GET /api/v1/regions lists what there is.", "/name");
    draft.changeConfiguration(draft.model().revision + 1);
    draft.transaction().defaultRegion = name;
    draft.record("region.default", "default-region",
                 name.empty() ? "No region is the default one any more."
                              : "Region " + name + " is the default one now.",
                 {{"name", draft.model().defaultRegion}}, {{"name", name}});
    return {};
}

Result<void> plan(CommandDraft& draft, const CreateDeployment& command)
{
    Deployment deployment = command.deployment;
    for (const NodeGroup& group : command.content.nodeGroups) {
        if (std::ranges::count(deployment.nodeGroups, group.name) == 0)
            deployment.nodeGroups.push_back(group.name);
    }
    if (auto sound = checkMembers(draft, deployment, command.content); !sound)
        return sound;
    const std::string& name = deployment.name;
    if (draft.model().deployments.contains(name))
        return fail(ErrorCode::AlreadyExists, "There is a deployment \"" + name + "\" already.",
                    "Choose another name, or replace that one.", "/name");
    if (draft.model().deployments.size() >= mostDeployments)
        return fail(ErrorCode::ResourceExhausted, "There are 100 deployments already.", "Delete one first.");
    auto counts = writeContent(draft, command.content, ContentMode::CreateOnly);
    if (!counts) {
        counts.error().pointer = counts.error().pointer.empty() ? "" : "/content" + counts.error().pointer;
        return tl::unexpected(std::move(counts.error()));
    }
    draft.changeConfiguration(1);
    deployment = sorted(std::move(deployment));
    draft.record("deployment.create", "deployment/" + name, "Deployment " + name + " was created.", Json::object(),
                 native::toJson(deployment));
    tellGroups(draft);
    tellItems(draft);
    StoredDeployment stored;
    stored.deployment = std::move(deployment);
    stored.createdAt = draft.now();
    putDeployment(draft, std::move(stored));
    return {};
}

Result<void> plan(CommandDraft& draft, const ReplaceDeployment& command)
{
    const auto existing = existingDeployment(draft, command.deployment.name);
    if (!existing)
        return tl::unexpected(existing.error());
    if (auto sound = checkMembers(draft, command.deployment, {}); !sound)
        return sound;
    const StoredDeployment& old = **existing;
    StoredDeployment stored = old;
    stored.deployment = sorted(command.deployment);
    ++stored.version;
    draft.changeConfiguration(stored.version);
    const auto& members = stored.deployment.nodeGroups;
    if (old.power == DeploymentPower::Stopped && members != old.deployment.nodeGroups)
        draft.foresee("Groups that it loses follow their plans again, and those that it gains stop.");
    draft.record("deployment.replace", "deployment/" + stored.deployment.name,
                 "Deployment " + stored.deployment.name + " was changed.", native::toJson(old.deployment),
                 native::toJson(stored.deployment));
    putDeployment(draft, std::move(stored));
    return {};
}

Result<void> plan(CommandDraft& draft, const DeleteDeployment& command)
{
    const auto existing = existingDeployment(draft, command.name);
    if (!existing)
        return tl::unexpected(existing.error());
    const StoredDeployment& old = **existing;
    if (old.power != DeploymentPower::Stopped)
        return fail(ErrorCode::Conflict, "The deployment " + command.name + " is running.", "Stop it first.");
    if (const int nodes = countNodes(draft.model(), old.deployment); nodes > 0)
        return fail(ErrorCode::Conflict,
                    "The deployment " + command.name + " still has " + counted(nodes, "node") + ".",
                    "Wait until they have ended, or stop them.");
    for (const NodeGroupName& group : old.deployment.nodeGroups) {
        if (draft.model().groups.contains(group))
            removeGroup(draft, group);
    }
    if (!old.deployment.nodeGroups.empty())
        draft.foresee(counted(static_cast<int>(old.deployment.nodeGroups.size()), "node group") + " went with it.");
    draft.changeConfiguration(old.version);
    draft.transaction().removedDeployments.push_back(command.name);
    draft.record("deployment.delete", "deployment/" + command.name, "Deployment " + command.name + " was deleted.",
                 native::toJson(old.deployment), Json::object());
    return {};
}

Result<void> plan(CommandDraft& draft, const SetDeploymentPower& command)
{
    const auto existing = existingDeployment(draft, command.name);
    if (!existing)
        return tl::unexpected(existing.error());
    const StoredDeployment& old = **existing;
    const bool isStop = command.power == DeploymentPower::Stopped;
    if (old.power == command.power) {
        draft.outcome().version = old.version;
        draft.foresee(isStop ? "It is stopped already." : "It runs already.");
        return {};
    }
    StoredDeployment stored = old;
    stored.power = command.power;
    ++stored.version;
    draft.changeConfiguration(stored.version);
    int leaving = 0;
    for (const auto& [id, record] : draft.model().nodes) {
        if (!isStop || !isMember(old.deployment, record) || !isCapacity(record))
            continue;
        draft.affect(record);
        ++leaving;
    }
    if (isStop)
        draft.foresee(leaving == 0 ? "It has no nodes."
                                   : counted(leaving, "node") + (leaving == 1 ? " ends" : " end") +
                                         " as soon as nobody uses " + (leaving == 1 ? "it." : "them."));
    else
        draft.foresee("Its node groups follow their plans from now on.");
    draft.record(isStop ? "deployment.stop" : "deployment.start", "deployment/" + command.name,
                 "Deployment " + command.name + (isStop ? " was stopped." : " was started."), powerJson(old.power),
                 powerJson(command.power));
    putDeployment(draft, std::move(stored));
    return {};
}

Result<void> plan(CommandDraft& draft, const RestartDeployment& command)
{
    const auto existing = existingDeployment(draft, command.name);
    if (!existing)
        return tl::unexpected(existing.error());
    const StoredDeployment& old = **existing;
    if (old.power != DeploymentPower::Running)
        return fail(ErrorCode::Conflict, "The deployment " + command.name + " is stopped.", "Start it.");
    StoredDeployment stored = old;
    stored.restartedAt = draft.now();
    ++stored.version;
    draft.changeConfiguration(stored.version);
    const int nodes = countNodes(draft.model(), old.deployment);
    draft.foresee(nodes == 0 ? "It has no nodes."
                             : counted(nodes, "node") + (nodes == 1 ? " is" : " are") +
                                   " replaced, few at a time, and each ends when nobody uses it any more.");
    const auto restartJson = [](TimePoint at) {
        return at == TimePoint() ? Json::object() : Json{{"restartedAt", toRfc3339(at)}};
    };
    draft.record("deployment.restart", "deployment/" + command.name, "Deployment " + command.name + " is restarted.",
                 restartJson(old.restartedAt), restartJson(stored.restartedAt));
    putDeployment(draft, std::move(stored));
    return {};
}

}  // namespace headgate::commands
