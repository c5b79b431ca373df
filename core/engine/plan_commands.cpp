#include "core/engine/audit_text.h"
#include "core/engine/commands.h"
#include "core/engine/plan_content.h"
#include "core/plan/plan_text.h"
#include "core/wire/plan_codec.h"

#include <algorithm>

namespace headgate::commands {

namespace {

using native::Json;

Instant secondOf(TimePoint t)
{
    return std::chrono::floor<seconds>(t);
}

std::string titleOf(const PlanItem& item)
{
    const PlanItemKey key = keyOf(item);
    switch (key.kind) {
    case PlanItemKind::Schedule:
        return "Schedule " + (std::get<Schedule>(item).name.empty() ? key.id : std::get<Schedule>(item).name);
    case PlanItemKind::Overlay:
        return "Overlay " + (std::get<Overlay>(item).name.empty() ? key.id : std::get<Overlay>(item).name);
    case PlanItemKind::ExclusionSet:
        return "Exclusion set " + key.id;
    case PlanItemKind::Limit:
        return "Limit " + key.id;
    case PlanItemKind::Configuration:
        break;
    }
    return "Configuration overlay " + key.id;
}

std::string objectOf(const PlanItemKey& key)
{
    return std::string(native::toWord(key.kind)) + "/" + key.id;
}

// Pointers into a document that has the item alone become pointers into the item.
Error inItem(Error error)
{
    if (error.code != ErrorCode::InvalidArgument || error.pointer.empty())
        return error;
    const auto list = error.pointer.find('/', 1);
    const auto member = list == std::string::npos ? list : error.pointer.find('/', list + 1);
    error.pointer = member == std::string::npos ? std::string() : error.pointer.substr(member);
    return error;
}

// Checks the draft, then tells what comes of it. Contradictions that it writes are refused.
Result<void> look(CommandDraft& draft, const PlanDraft& plan, const PlanItemKey& key)
{
    if (auto sound = plan.check(); !sound)
        return tl::unexpected(inItem(std::move(sound.error())));
    Outlook found = outlook(draft.model(), plan, draft.now());
    if (found.contradiction)
        return fail(ErrorCode::Conflict,
                    found.contradiction->sentence + " They would be in force together from " +
                        toRfc3339(found.contradiction->start) + " on.",
                    "Give one of them another priority, or end it before the other begins.");
    foreseeNumbers(draft, found.outcome);
    foresee(draft, std::move(found));
    draft.outcome().plan.itemId = key.id;
    return {};
}

void putItem(CommandDraft& draft, PlanItem item, const StoredPlanItem* old)
{
    const std::uint64_t version = old ? old->version + 1 : 1;
    draft.changeConfiguration(version);
    const PlanItemKey key = keyOf(item);
    const std::string word(native::toWord(key.kind));
    draft.record(word + (old ? ".replace" : ".create"), objectOf(key),
                 titleOf(item) + (old ? " was changed." : " was created."),
                 old ? native::toJson(old->item) : Json::object(), native::toJson(item));
    draft.transaction().putPlanItems.push_back(
        {std::move(item), version, old ? old->createdAt : draft.now(), draft.now(), draft.actor()});
}

Result<const StoredPlanItem*> existingItem(const CommandDraft& draft, const PlanItemKey& key)
{
    const auto it = draft.model().planItems.find(key);
    if (it == draft.model().planItems.end())
        return fail(ErrorCode::NotFound,
                    "There is no " + std::string(native::toWord(key.kind)) + " \"" + key.id + "\".");
    if (auto version = draft.checkVersion(it->second.version, titleOf(it->second.item)); !version)
        return tl::unexpected(std::move(version.error()));
    return &it->second;
}

}  // namespace

PlanItem completed(const CommandDraft& draft, PlanItem item, const StoredPlanItem* old, int number)
{
    auto* schedule = std::get_if<Schedule>(&item);
    auto* overlay = std::get_if<Overlay>(&item);
    std::string* const id = schedule ? &schedule->id : overlay ? &overlay->id : nullptr;
    if (id && id->empty())
        *id = freshPlanItemId(draft, number);
    if (overlay && overlay->author.empty())
        overlay->author = old ? std::get<Overlay>(old->item).author : draft.actor();
    if (auto* configuration = std::get_if<ConfigurationOverlay>(&item))
        configuration->configuration = normalized(std::move(configuration->configuration));
    return item;
}

std::string freshPlanItemId(const CommandDraft& draft, int number)
{
    // FNV-1a of what no other command has in common; preparing a command twice gives the same id.
    std::uint64_t hash = 14695981039346656037u;
    const std::string text = draft.requestId().value + "/" + std::to_string(draft.model().revision) + "/" +
                             std::to_string(toEpochMs(draft.now())) + "/" + std::to_string(number);
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    Random random(hash);
    const auto isTaken = [&](const std::string& id) {
        return draft.model().planItems.contains({PlanItemKind::Schedule, id}) ||
               draft.model().planItems.contains({PlanItemKind::Overlay, id});
    };
    std::string id;
    do
        id = random.alphanumeric(12);
    while (isTaken(id));
    return id;
}

Result<void> keepPast(const CommandDraft& draft, const PlanItem& before, PlanItem& after)
{
    const auto* old = std::get_if<Overlay>(&before);
    auto* wanted = std::get_if<Overlay>(&after);
    const Instant now = secondOf(draft.now());
    if (!old || !wanted || *old == *wanted || old->from > now)
        return {};
    if (old->to <= now)
        return fail(ErrorCode::Conflict, "Overlay \"" + old->id + "\" is over, so it stays as it was.",
                    "Make another one.");
    if (wanted->from != old->from)
        return fail(ErrorCode::Conflict,
                    "Overlay \"" + old->id + "\" began at " + toText(old->from, {}) + ", and that cannot be changed.",
                    "Change its end, or make another one.", "/from");
    if (wanted->to <= now)
        wanted->to = std::max(now, old->from + seconds(1));
    return {};
}

Result<void> checkConfiguration(const CommandDraft& draft, const PlanItem& item)
{
    const auto* overlay = std::get_if<ConfigurationOverlay>(&item);
    auto sound = overlay ? checkGroup(draft, overlay->configuration) : Result<void>();
    if (!sound)
        sound.error().pointer = "/configuration" + sound.error().pointer;
    return sound;
}

void foreseeNumbers(CommandDraft& draft, const PlanOutcome& outcome)
{
    const auto boundsText = [](bool isActive, int min, int max) {
        return isActive ? std::to_string(min) + " to " + std::to_string(max) : std::string("none");
    };
    if (outcome.changes.empty()) {
        draft.foresee("The numbers of nodes stay as they are.");
    } else {
        const PlanChange& first = outcome.changes.front();
        const bool isNow = first.start <= draft.now();
        draft.foresee((isNow ? "From now on" : "From " + toRfc3339(first.start) + " on") + " the nodes of role " +
                      first.pool.role + " in " + first.pool.subgroup + " of " + first.pool.nodeGroup.value + " are " +
                      boundsText(first.isActive, first.minAfter, first.maxAfter) + " instead of " +
                      boundsText(first.wasActive, first.minBefore, first.maxBefore) + ".");
    }
    std::set<std::string> codes;
    for (const PlanFinding& finding : outcome.findings)
        codes.insert(finding.code);
    std::string list;
    for (const std::string& code : codes)
        list += (list.empty() ? "" : ", ") + code;
    if (!codes.empty())
        draft.foresee("Conflicts: " + list + ".");
}

void foresee(CommandDraft& draft, Outlook outlook)
{
    draft.outcome().plan = std::move(outlook.outcome);
    for (const GroupOrder& order : outlook.orders)
        foreseeNodes(draft, order);
    if (outlook.until)
        draft.foresee("What comes after " + toRfc3339(*outlook.until) +
                      " was not looked at: the plan has too many windows there.");
}

Result<void> plan(CommandDraft& draft, const CreatePlanItem& command)
{
    PlanItem item = completed(draft, command.item, nullptr, 0);
    const PlanItemKey key = keyOf(item);
    if (draft.model().planItems.contains(key))
        return fail(ErrorCode::AlreadyExists,
                    "There is a " + std::string(native::toWord(key.kind)) + " \"" + key.id + "\" already.",
                    "Choose another name, or replace that one.");
    if (auto sound = checkConfiguration(draft, item); !sound)
        return sound;
    if (const auto* overlay = std::get_if<Overlay>(&item); overlay && overlay->to <= secondOf(draft.now()))
        return fail(ErrorCode::InvalidArgument, "The overlay is over before it is there.", "Let it end later.", "/to");
    PlanDraft planned(draft.model());
    planned.put(item);
    if (auto sound = look(draft, planned, key); !sound)
        return sound;
    putItem(draft, std::move(item), nullptr);
    return {};
}

Result<void> plan(CommandDraft& draft, const ReplacePlanItem& command)
{
    const PlanItemKey key = keyOf(command.item);
    const auto existing = existingItem(draft, key);
    if (!existing)
        return tl::unexpected(existing.error());
    const StoredPlanItem& old = **existing;
    PlanItem item = completed(draft, command.item, &old, 0);
    if (auto sound = checkConfiguration(draft, item); !sound)
        return sound;
    if (auto kept = keepPast(draft, old.item, item); !kept)
        return kept;
    PlanDraft planned(draft.model());
    planned.put(item);
    if (auto sound = look(draft, planned, key); !sound)
        return sound;
    putItem(draft, std::move(item), &old);
    return {};
}

Result<void> plan(CommandDraft& draft, const DeletePlanItem& command)
{
    const auto existing = existingItem(draft, command.key);
    if (!existing)
        return tl::unexpected(existing.error());
    const StoredPlanItem& old = **existing;
    PlanDraft planned(draft.model());
    planned.remove(command.key);
    if (auto sound = look(draft, planned, command.key); !sound)
        return sound;
    draft.changeConfiguration(old.version);
    draft.transaction().removedPlanItems.push_back(command.key);
    draft.record(std::string(native::toWord(command.key.kind)) + ".delete", objectOf(command.key),
                 titleOf(old.item) + " was deleted.", native::toJson(old.item), Json::object());
    return {};
}

}  // namespace headgate::commands
