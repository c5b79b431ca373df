#include "core/engine/plan_content.h"

#include "core/wire/plan_codec.h"

#include <algorithm>
#include <array>

namespace headgate::commands {

namespace {

// A document of 10,000 overlays would make an answer of megabytes.
constexpr std::size_t mostChangesTold = 200;

// The lists of a document in the order of PlanItemKind.
constexpr std::array<const char*, 5> lists = {"/schedules/", "/overlays/", "/exclusions/", "/limits/",
                                              "/configurations/"};

tl::unexpected<Error> placed(Error error, const std::string& place)
{
    error.pointer = place + error.pointer;
    return tl::unexpected(std::move(error));
}

const StoredPlanItem* storedItem(const CommandDraft& draft, const PlanItemKey& key)
{
    const auto it = draft.model().planItems.find(key);
    return it != draft.model().planItems.end() ? &it->second : nullptr;
}

void tell(CommandDraft& draft, std::string pointer, std::string before, std::string after)
{
    if (draft.outcome().changes.size() < mostChangesTold)
        draft.outcome().changes.push_back({std::move(pointer), std::move(before), std::move(after)});
}

class ContentWriter
{
public:
    ContentWriter(CommandDraft& draft, const PlanDocument& document, ContentMode mode)
        : m_draft(draft), m_document(document), m_mode(mode), m_planned(draft.model())
    {}

    Result<ContentCounts> run()
    {
        for (std::size_t i = 0; i < m_document.nodeGroups.size(); ++i) {
            if (auto taken = takeGroup(m_document.nodeGroups[i]); !taken)
                return placed(std::move(taken.error()), "/nodeGroups/" + std::to_string(i));
        }
        std::array<int, 5> next{};
        int number = 0;
        for (const PlanItem& item : itemsOf(m_document)) {
            const auto taken = takeItem(m_draft, m_planned, item, ++number).and_then([this, &item](Taken result) {
                return count(result, item);
            });
            if (!taken)
                return placed(taken.error(), lists[item.index()] + std::to_string(next[item.index()]));
            ++next[item.index()];
        }
        if (auto sound = m_planned.check(); !sound)
            return tl::unexpected(std::move(sound.error()));
        if (m_counts.created + m_counts.replaced == 0)
            return m_counts;
        foresee(m_draft, outlook(m_draft.model(), m_planned, m_draft.now()));
        for (const NodeGroup& group : m_groups)
            writeGroup(m_draft, group);
        foreseeNumbers(m_draft, m_draft.outcome().plan);
        return m_counts;
    }

private:
    Result<void> count(Taken taken, const PlanItem& item)
    {
        if (taken != Taken::Created && m_mode == ContentMode::CreateOnly)
            return fail(ErrorCode::AlreadyExists,
                        "There is a " + std::string(native::toWord(keyOf(item).kind)) + " \"" + keyOf(item).id +
                            "\" already.",
                        "Choose another name.");
        ++(taken == Taken::Same ? m_counts.same : taken == Taken::Replaced ? m_counts.replaced : m_counts.created);
        return {};
    }

    Result<void> takeGroup(const NodeGroup& sent)
    {
        if (auto sound = checkGroup(m_draft, sent); !sound)
            return sound;
        const std::string& name = sent.name.value;
        if (std::ranges::count(m_document.nodeGroups, sent.name, &NodeGroup::name) > 1)
            return fail(ErrorCode::InvalidArgument, "The node group \"" + name + "\" is there twice.", {}, "/name");
        if (storedItem(m_draft, {PlanItemKind::Configuration, name}))
            return fail(ErrorCode::AlreadyExists, "There is a configuration overlay \"" + name + "\" already.",
                        "Choose another name.", "/name");
        const NodeGroup* old = m_draft.model().findGroup(sent.name);
        if (old && m_mode == ContentMode::CreateOnly)
            return fail(ErrorCode::AlreadyExists, "There is a node group \"" + name + "\" already.",
                        "Choose another name.", "/name");
        NodeGroup group = normalized(sent);
        m_planned.put(group);
        if (old && *old == group) {
            ++m_counts.same;
            return {};
        }
        ++(old ? m_counts.replaced : m_counts.created);
        m_groups.push_back(std::move(group));
        return {};
    }

    CommandDraft& m_draft;
    const PlanDocument& m_document;
    const ContentMode m_mode;
    PlanDraft m_planned;
    ContentCounts m_counts;
    std::vector<NodeGroup> m_groups;  // that differ
};

}  // namespace

Result<Taken> takeItem(CommandDraft& draft, PlanDraft& planned, const PlanItem& sent, int number)
{
    const StoredPlanItem* old = storedItem(draft, keyOf(sent));
    PlanItem item = completed(draft, sent, old, number);
    if (auto sound = checkConfiguration(draft, item); !sound)
        return tl::unexpected(std::move(sound.error()));
    if (auto kept = old ? keepPast(draft, old->item, item) : Result<void>(); !kept)
        return tl::unexpected(std::move(kept.error()));
    planned.put(item);
    if (old && old->item == item)
        return Taken::Same;
    draft.transaction().putPlanItems.push_back(
        {std::move(item), old ? old->version + 1 : 1, old ? old->createdAt : draft.now(), draft.now(), draft.actor()});
    return old ? Taken::Replaced : Taken::Created;
}

Result<void> writeEdits(CommandDraft& draft, const NodeGroup& group, const PlanEdits& edits)
{
    PlanDraft planned(draft.model());
    planned.put(group);
    std::array<int, 5> next{};
    int number = 0;
    for (const PlanItem& item : edits.put) {
        const std::string place = lists[item.index()] + std::to_string(next[item.index()]++);
        if (auto taken = takeItem(draft, planned, item, ++number); !taken)
            return placed(std::move(taken.error()), "/plan/put" + place);
    }
    for (const PlanItemKey& key : edits.removed) {
        const bool isPut = std::ranges::any_of(edits.put, [&](const PlanItem& item) { return keyOf(item) == key; });
        if (isPut || !storedItem(draft, key))
            continue;
        planned.remove(key);
        draft.transaction().removedPlanItems.push_back(key);
    }
    if (auto sound = planned.check(); !sound)
        return placed(sound.error(), sound.error().pointer.empty() ? "" : "/plan/put");
    foresee(draft, outlook(draft.model(), planned, draft.now()));
    return {};
}

void tellGroups(CommandDraft& draft)
{
    for (const StoredNodeGroup& put : draft.transaction().putNodeGroups) {
        const NodeGroup* old = draft.model().findGroup(put.group.name);
        tell(draft, "/nodeGroups/" + put.group.name.value, old ? native::write(native::toJson(*old)) : "",
             native::write(native::toJson(put.group)));
    }
}

void tellItems(CommandDraft& draft)
{
    const auto textOf = [](const StoredPlanItem* stored) {
        return stored ? native::write(native::toJson(stored->item)) : std::string();
    };
    const auto placeOf = [](const PlanItemKey& key) { return lists[static_cast<std::size_t>(key.kind)] + key.id; };
    for (const StoredPlanItem& put : draft.transaction().putPlanItems) {
        const PlanItemKey key = keyOf(put.item);
        tell(draft, placeOf(key), textOf(storedItem(draft, key)), textOf(&put));
    }
    for (const PlanItemKey& key : draft.transaction().removedPlanItems)
        tell(draft, placeOf(key), textOf(storedItem(draft, key)), "");
}

Result<ContentCounts> writeContent(CommandDraft& draft, const PlanDocument& document, ContentMode mode)
{
    return ContentWriter(draft, document, mode).run();
}

Result<void> plan(CommandDraft& draft, const ImportPlan& command)
{
    if (auto version = draft.checkVersion(draft.model().planRevision, "The plan"); !version)
        return version;
    const auto counts = writeContent(draft, command.document, ContentMode::CreateOrReplace);
    if (!counts)
        return tl::unexpected(counts.error());
    if (counts->created + counts->replaced == 0) {
        draft.outcome().version = draft.model().planRevision;
        draft.foresee("Everything in it is like that already.");
        return {};
    }
    const bool hasItems = !draft.transaction().putPlanItems.empty();
    draft.changeConfiguration(hasItems ? draft.model().revision + 1 : draft.model().planRevision);
    tellGroups(draft);
    tellItems(draft);
    native::Json before = native::Json::object(), after = native::Json::object();
    for (const FieldChange& change : draft.outcome().changes) {
        if (!change.before.empty())
            before[change.pointer] = native::parse(change.before).value_or(nullptr);
        after[change.pointer] = native::parse(change.after).value_or(nullptr);
    }
    draft.audit("plan.import", "plan",
                "A plan was imported: " + std::to_string(counts->created) + " created, " +
                    std::to_string(counts->replaced) + " replaced, " + std::to_string(counts->same) +
                    " like that already.",
                before, after);
    return {};
}

}  // namespace headgate::commands
