#include "core/engine/audit_text.h"
#include "core/engine/commands.h"

namespace headgate::commands {

namespace {

using native::Json;

const StoredProvision* findProvision(const EngineModel& model, const ProvisionKey& key)
{
    const auto found = model.provisions.find(key);
    return found == model.provisions.end() ? nullptr : &found->second;
}

Result<const StoredProvision*> existing(const CommandDraft& draft, const ProvisionKey& key)
{
    const StoredProvision* stored = findProvision(draft.model(), key);
    if (!stored)
        return fail(ErrorCode::NotFound,
                    "There is no provision \"" + key.guid + "\" in node group " + key.nodeGroup.value + ".");
    if (auto version = draft.checkVersion(stored->version, "Provision " + key.guid); !version)
        return tl::unexpected(std::move(version.error()));
    return stored;
}

Json documentOf(const Provision& provision)
{
    return Json::parse(provision.document, nullptr, false);
}

std::string objectOf(const NodeGroupName& group, const std::vector<Provision>& provisions)
{
    return "provision/" + group.value + (provisions.size() == 1 ? "/" + provisions.front().guid : "");
}

// Whether it may be put, in place of the one that is there or as a new one.
Result<void> checkPut(const PutProvisions& command, const Provision& provision, const StoredProvision* old)
{
    if (provision.document.size() > Provision::mostDocumentBytes)
        return fail(ErrorCode::InvalidArgument, "The provision \"" + provision.guid + "\" is larger than 16 KiB.");
    if (command.mode == PutMode::Create)
        return old ? fail(ErrorCode::AlreadyExists, "There is a provision \"" + provision.guid + "\" already.",
                          "Replace it, or choose another name.")
                   : Result<void>();
    if (!old)
        return fail(ErrorCode::NotFound, "There is no provision \"" + provision.guid + "\".", "Create it first.");
    if (old->distributedAt)
        return fail(ErrorCode::InvalidArgument,
                    "The provision \"" + provision.guid + "\" is distributed, so it cannot change.",
                    "Delete it and create it anew.");
    return {};
}

// The whole table of a group goes to each of its nodes.
Result<void> checkRoom(CommandDraft& draft, const NodeGroupName& group)
{
    std::map<std::string, std::size_t> sizes;
    for (const auto& [key, stored] : draft.model().provisions) {
        if (key.nodeGroup == group)
            sizes[key.guid] = stored.provision.document.size();
    }
    for (const StoredProvision& put : draft.transaction().putProvisions)
        sizes[put.provision.guid] = put.provision.document.size();
    std::size_t bytes = 0;
    for (const auto& [guid, size] : sizes)
        bytes += size;
    if (sizes.size() <= Provision::mostOfGroup && bytes <= Provision::mostBytesOfGroup)
        return {};
    return fail(ErrorCode::ResourceExhausted, "A node group has at most 1000 provisions of 2 MiB together.",
                "Delete some first.");
}

}  // namespace

Result<void> plan(CommandDraft& draft, const PutProvisions& command)
{
    if (!draft.model().findGroup(command.nodeGroup))
        return fail(ErrorCode::NotFound, "There is no node group \"" + command.nodeGroup.value + "\".");
    Json before = Json::object(), after = Json::object();
    for (const Provision& provision : command.provisions) {
        const StoredProvision* old = findProvision(draft.model(), {command.nodeGroup, provision.guid});
        if (auto allowed = checkPut(command, provision, old); !allowed)
            return allowed;
        const bool isAlone = command.provisions.size() == 1;
        if (auto version =
                old && isAlone ? draft.checkVersion(old->version, "Provision " + provision.guid) : Result<void>();
            !version)
            return version;
        if (old)
            before[provision.guid] = documentOf(old->provision);
        after[provision.guid] = documentOf(provision);
        draft.transaction().putProvisions.push_back({command.nodeGroup, provision, old ? old->version + 1 : 1,
                                                     old ? old->createdAt : draft.now(), draft.now(), draft.actor(),
                                                     std::nullopt});
    }
    if (auto room = checkRoom(draft, command.nodeGroup); !room)
        return room;
    const bool isNew = command.mode == PutMode::Create;
    draft.changeConfiguration(draft.transaction().putProvisions.front().version);
    draft.record(isNew ? "provision.create" : "provision.replace", objectOf(command.nodeGroup, command.provisions),
                 audit_text::counted(static_cast<int>(command.provisions.size()), "provision") + " of node group " +
                     command.nodeGroup.value + (command.provisions.size() == 1 ? " was " : " were ") +
                     (isNew ? "created." : "replaced."),
                 before, after);
    return {};
}

Result<void> plan(CommandDraft& draft, const DeleteProvision& command)
{
    const auto stored = existing(draft, command.key);
    if (!stored)
        return tl::unexpected(stored.error());
    draft.changeConfiguration((*stored)->version);
    draft.transaction().removedProvisions.push_back(command.key);
    if ((*stored)->distributedAt)
        draft.foresee("The nodes of the group forget it.");
    draft.record("provision.delete", objectOf(command.key.nodeGroup, {(*stored)->provision}),
                 "Provision " + command.key.guid + " was deleted.", documentOf((*stored)->provision), Json::object());
    return {};
}

namespace {

// As it is now, distributed at that time or not.
StoredProvision withDistribution(CommandDraft& draft, const StoredProvision& stored, std::optional<TimePoint> at)
{
    StoredProvision next = stored;
    next.distributedAt = at;
    draft.changeConfiguration(++next.version);
    const auto json = [](std::optional<TimePoint> time) {
        return Json{{"distributedAt", time ? Json(toRfc3339(*time)) : Json()}};
    };
    const std::string& guid = stored.provision.guid;
    draft.record(at ? "provision.distribute" : "provision.withdraw", objectOf(stored.nodeGroup, {stored.provision}),
                 at ? "Provision " + guid + " goes to the nodes of " + stored.nodeGroup.value + "."
                    : "The nodes of " + stored.nodeGroup.value + " forget provision " + guid + ".",
                 json(stored.distributedAt), json(at));
    return next;
}

}  // namespace

Result<void> plan(CommandDraft& draft, const DistributeProvision& command)
{
    const auto stored = existing(draft, command.key);
    if (!stored)
        return tl::unexpected(stored.error());
    draft.outcome().version = (*stored)->version;
    if (!(*stored)->distributedAt)
        draft.transaction().putProvisions.push_back(withDistribution(draft, **stored, draft.now()));
    return {};
}

Result<void> plan(CommandDraft& draft, const WithdrawProvision& command)
{
    const auto stored = existing(draft, command.key);
    if (!stored)
        return tl::unexpected(stored.error());
    draft.outcome().version = (*stored)->version;
    if ((*stored)->distributedAt)
        draft.transaction().putProvisions.push_back(withDistribution(draft, **stored, std::nullopt));
    return {};
}

}  // namespace headgate::commands
