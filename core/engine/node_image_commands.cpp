#include "core/engine/audit_text.h"
#include "core/engine/commands.h"
#include "core/engine/node_images.h"

namespace headgate::commands {

namespace {

using native::Json;

Result<StoredNodeImage> imageAsSeen(const CommandDraft& draft, const std::string& name)
{
    StoredNodeImage image = node_images::find(draft.model(), name);
    if (auto version = draft.checkVersion(image.version, "Node image " + name); !version)
        return tl::unexpected(std::move(version.error()));
    return image;
}

// All of them are in every snapshot.
Result<void> checkImageCount(const CommandDraft& draft, const StoredNodeImage& old)
{
    constexpr std::size_t mostImages = 200;
    if (old.version != 0 || draft.model().images.size() < mostImages)
        return {};
    return fail(ErrorCode::ResourceExhausted, "There are " + std::to_string(mostImages) + " node images already.",
                "Delete one first.");
}

void putImage(CommandDraft& draft, const StoredNodeImage& old, NodeImageRecord record)
{
    const bool isNew = old.version == 0;
    draft.changeConfiguration(old.version + 1);
    const bool hasNewCapacity =
        !record.measurements.empty() &&
        (old.record.measurements.empty() || old.record.measurements.front() != record.measurements.front());
    if (hasNewCapacity)
        draft.foresee("Routing counts " + audit_text::counted(record.measurements.front().viewersPerCore, "viewer") +
                      " for a core of its nodes from now on.");
    draft.record(isNew ? "node-image.create" : "node-image.replace", "node-image/" + record.name,
                 "Node image " + record.name + (isNew ? " was described." : " was changed."),
                 isNew ? Json::object() : native::toJson(old.record), native::toJson(record));
    draft.transaction().putNodeImages.push_back(
        {std::move(record), old.version + 1, isNew ? draft.now() : old.createdAt, draft.now(), draft.actor()});
}

}  // namespace

Result<void> plan(CommandDraft& draft, const PutNodeImage& command)
{
    const auto old = imageAsSeen(draft, command.record.name);
    if (!old)
        return tl::unexpected(old.error());
    if (auto sound = firstOf(validate(command.record)); !sound)
        return sound;
    if (auto room = checkImageCount(draft, *old); !room)
        return room;
    putImage(draft, *old, command.record);
    return {};
}

Result<void> plan(CommandDraft& draft, const AddMeasurement& command)
{
    const auto old = imageAsSeen(draft, command.image);
    if (!old)
        return tl::unexpected(old.error());
    if (auto sound = firstOf(validate(command.measurement)); !sound)
        return sound;
    NodeImageRecord record = node_images::withMeasurement(old->record, command.measurement);
    if (auto sound = firstOf(validate(record)); !sound)
        return sound;
    if (auto room = checkImageCount(draft, *old); !room)
        return room;
    putImage(draft, *old, std::move(record));
    return {};
}

Result<void> plan(CommandDraft& draft, const DeleteNodeImage& command)
{
    const auto old = imageAsSeen(draft, command.name);
    if (!old)
        return tl::unexpected(old.error());
    if (const std::string users = node_images::usersText(draft.model(), command.name); !users.empty())
        return fail(ErrorCode::Conflict, "Node image " + command.name + " is used by " + users + ".",
                    "Let these groups use another image first.");
    if (old->version == 0)
        return fail(ErrorCode::NotFound, "There is no node image \"" + command.name + "\".");
    draft.changeConfiguration(old->version);
    draft.transaction().removedNodeImages.push_back(command.name);
    draft.record("node-image.delete", "node-image/" + command.name, "Node image " + command.name + " was deleted.",
                 native::toJson(old->record), Json::object());
    return {};
}

}  // namespace headgate::commands
