#include "core/engine/plan_draft.h"

#include "core/engine/audit_text.h"
#include "core/engine/command_draft.h"
#include "core/plan/plan_rules.h"
#include "core/plan/unfit_items.h"
#include "core/wire/plan_codec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace headgate {

namespace {

// In the order of PlanItemKind.
struct KindRules
{
    const char* list;  // its member in a document
    const char* words;
    int most;               // that a control plane keeps
    std::size_t mostBytes;  // of a document
};
constexpr std::array<KindRules, 5> kinds{{{"/schedules/", "schedule", 1'000, 256 << 10},
                                          {"/overlays/", "overlay", 10'000, 16 << 10},
                                          {"/exclusions/", "exclusion set", 100, 1 << 20},
                                          {"/limits/", "limit", 1'000, 16 << 10},
                                          {"/configurations/", "configuration overlay", 100, 256 << 10}}};

const KindRules& rulesOf(PlanItemKind kind)
{
    return kinds[static_cast<std::size_t>(kind)];
}

bool isFor(const PlanItem& item, const NodeGroupName& group)
{
    return std::holds_alternative<ExclusionSet>(item) || std::ranges::count(groupsOf(item), group) > 0;
}

// Which item of which list a pointer leads into.
struct ItemPlace
{
    PlanItemKind kind = PlanItemKind::Schedule;
    std::size_t index = 0;
};
std::optional<ItemPlace> placeOf(std::string_view pointer)
{
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        if (!pointer.starts_with(kinds[kind].list))
            continue;
        ItemPlace place{static_cast<PlanItemKind>(kind), 0};
        const char* const number = pointer.data() + std::string_view(kinds[kind].list).size();
        std::from_chars(number, pointer.data() + pointer.size(), place.index);
        return place;
    }
    return std::nullopt;
}

PlanItemKey keyAt(const PlanDocument& document, const ItemPlace& place)
{
    switch (place.kind) {
    case PlanItemKind::Schedule:
        return keyOf(document.schedules[place.index]);
    case PlanItemKind::Overlay:
        return keyOf(document.overlays[place.index]);
    case PlanItemKind::ExclusionSet:
        return keyOf(document.exclusions[place.index]);
    case PlanItemKind::Limit:
        return keyOf(document.limits[place.index]);
    case PlanItemKind::Configuration:
        break;
    }
    return keyOf(document.configurations[place.index]);
}

std::size_t countOf(const PlanDocument& document, PlanItemKind kind)
{
    const std::array<std::size_t, 5> sizes{document.schedules.size(), document.overlays.size(),
                                           document.exclusions.size(), document.limits.size(),
                                           document.configurations.size()};
    return sizes[static_cast<std::size_t>(kind)];
}

// A rule of the whole that a stored item breaks only because of what is written beside it.
Error misfit(const PlanItemKey& key, const Error& error)
{
    return {ErrorCode::Conflict,
            "The " + std::string(rulesOf(key.kind).words) + " \"" + key.id +
                "\" would not fit any more: " + error.message,
            "Change or delete it first, or import both together.",
            {}};
}

}  // namespace

void PlanDraft::put(NodeGroup group)
{
    m_put.nodeGroups.push_back(group);
    NodeGroupName name = group.name;
    m_groups.insert_or_assign(std::move(name), std::move(group));
}

void PlanDraft::put(PlanItem item)
{
    add(m_put, item);
    PlanItemKey key = keyOf(item);
    m_items.insert_or_assign(std::move(key), std::move(item));
}

void PlanDraft::remove(const PlanItemKey& key)
{
    m_items.insert_or_assign(key, std::nullopt);
}

const NodeGroup* PlanDraft::groupAfter(const NodeGroupName& name) const
{
    const auto put = m_groups.find(name);
    return put != m_groups.end() ? &put->second : m_model.findGroup(name);
}

const PlanItem* PlanDraft::itemBefore(const PlanItemKey& key) const
{
    const auto it = m_model.planItems.find(key);
    return it != m_model.planItems.end() ? &it->second.item : nullptr;
}

void PlanDraft::forEachItemAfter(const std::function<void(const PlanItem&)>& take) const
{
    for (const auto& [key, stored] : m_model.planItems) {
        if (!m_items.contains(key))
            take(stored.item);
    }
    for (const auto& [key, item] : m_items) {
        if (item)
            take(*item);
    }
}

PlanDocument PlanDraft::before(const NodeGroupName& group) const
{
    PlanDocument document;
    if (const NodeGroup* found = m_model.findGroup(group))
        document.nodeGroups.push_back(*found);
    for (const auto& [key, stored] : m_model.planItems) {
        if (isFor(stored.item, group))
            add(document, stored.item);
    }
    return document;
}

PlanDocument PlanDraft::after(const NodeGroupName& group) const
{
    PlanDocument document;
    if (const NodeGroup* found = groupAfter(group))
        document.nodeGroups.push_back(*found);
    forEachItemAfter([&](const PlanItem& item) {
        if (isFor(item, group))
            add(document, item);
    });
    return document;
}

std::map<PlanItemKey, PlanDraft::Change> PlanDraft::changes() const
{
    std::map<PlanItemKey, Change> changes;
    for (const auto& [key, item] : m_items)
        changes[key] = {itemBefore(key), item ? &*item : nullptr};
    return changes;
}

std::set<NodeGroupName> PlanDraft::concernedGroups() const
{
    std::set<NodeGroupName> groups;
    for (const auto& [name, group] : m_groups)
        groups.insert(name);
    for (const auto& [key, change] : changes()) {
        for (const PlanItem* item : {change.before, change.after}) {
            const auto names = item ? groupsOf(*item) : std::vector<NodeGroupName>();
            groups.insert(names.begin(), names.end());
        }
        if (key.kind != PlanItemKind::ExclusionSet)
            continue;
        forEachItemAfter([&](const PlanItem& item) {
            const auto* schedule = std::get_if<Schedule>(&item);
            if (schedule && std::ranges::count(schedule->exclusions, key.id) > 0)
                groups.insert(schedule->scope.nodeGroup);
        });
    }
    return groups;
}

// What validate() cannot know: which names are taken and which groups there are.
std::vector<Error> PlanDraft::checkNames() const
{
    std::vector<Error> errors;
    std::array<std::size_t, 5> next{};
    std::set<PlanItemKey> seen;
    const auto isThere = [this](PlanItemKind kind, const std::string& id) {
        const PlanItemKey key{kind, id};
        const auto put = m_items.find(key);
        return put != m_items.end() ? put->second.has_value() : m_model.planItems.contains(key);
    };
    for (const PlanItem& item : itemsOf(m_put)) {
        const PlanItemKey key = keyOf(item);
        const std::string place = rulesOf(key.kind).list + std::to_string(next[static_cast<std::size_t>(key.kind)]++);
        const auto wrong = [&](const std::string& member, std::string message) {
            errors.push_back({ErrorCode::InvalidArgument, std::move(message), {}, place + member});
        };
        const bool isConfiguration = key.kind == PlanItemKind::Configuration;
        const bool isTimed = key.kind == PlanItemKind::Schedule || key.kind == PlanItemKind::Overlay;
        const char* const nameMember = isConfiguration ? "/configuration/name" : isTimed ? "/id" : "/name";
        const std::string what = rulesOf(key.kind).words;
        if (!isTimed && (key.id.empty() || key.id.size() > 64))
            wrong(nameMember, "The name of a " + what + " has 1 to 64 characters.");
        const auto other = key.kind == PlanItemKind::Schedule ? PlanItemKind::Overlay : PlanItemKind::Schedule;
        const bool isTaken =
            (isTimed && isThere(other, key.id)) || (isConfiguration && groupAfter(NodeGroupName(key.id)));
        if (!seen.insert(key).second || isTaken)
            wrong(nameMember, "\"" + key.id + "\" is taken already.");
        const native::Json written = native::toJson(item);
        if (native::write(written).size() > rulesOf(key.kind).mostBytes)
            wrong("", "A " + what + " has at most " + std::to_string(rulesOf(key.kind).mostBytes) + " bytes.");
        // What was not sent as a document must be one that can be read again.
        if (const auto read = native::planItemFromJson(key.kind, written); !read)
            wrong(read.error().pointer, read.error().message);
        for (const NodeGroupName& group : groupsOf(item)) {
            if (!groupAfter(group))
                wrong(isConfiguration ? "/base" : "/scope/nodeGroup",
                      "There is no node group \"" + group.value + "\".");
        }
    }
    return errors;
}

Result<void> PlanDraft::checkCounts() const
{
    std::array<int, 5> counts{};
    forEachItemAfter([&](const PlanItem& item) { ++counts[item.index()]; });
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        if (counts[kind] > kinds[kind].most && countOf(m_put, static_cast<PlanItemKind>(kind)) > 0)
            return fail(ErrorCode::ResourceExhausted,
                        "A control plane keeps " + audit_text::counted(kinds[kind].most, kinds[kind].words) +
                            " at most, and that would be " + std::to_string(counts[kind]) + ".",
                        "Delete those that are over.");
    }
    return {};
}

Result<void> PlanDraft::checkRules() const
{
    PlanDocument whole;
    for (const auto& [name, stored] : m_model.groups)
        whole.nodeGroups.push_back(*groupAfter(name));
    for (const auto& [name, group] : m_groups) {
        if (!m_model.groups.contains(name))
            whole.nodeGroups.push_back(group);
    }
    // The written ones come first, so that pointers into what was put hold.
    for (PlanItem& item : itemsOf(m_put))
        add(whole, std::move(item));
    const auto isGround = [](PlanItemKind kind) {
        return kind == PlanItemKind::ExclusionSet || kind == PlanItemKind::Configuration;
    };
    const bool isGroundChanged = !m_groups.empty() || std::ranges::any_of(m_items, [&](const auto& entry) {
        return isGround(entry.first.kind);
    });
    for (const auto& [key, stored] : m_model.planItems) {
        if (!m_items.contains(key) && (isGroundChanged || isGround(key.kind)))
            add(whole, stored.item);
    }
    std::vector<Error> errors = validate(whole, zonesOf(m_model));
    const auto storedOne = [&](const Error& error) -> std::optional<PlanItemKey> {
        const auto place = placeOf(error.pointer);
        const bool isStored = place && place->index >= countOf(m_put, place->kind);
        return isStored ? std::optional(keyAt(whole, *place)) : std::nullopt;
    };
    const auto isStored = [&](const Error& error) { return storedOne(error).has_value(); };
    if (std::ranges::any_of(errors, isStored)) {
        const std::set<PlanItemKey> unfit = unfitBefore();
        std::erase_if(errors, [&](const Error& error) { return isStored(error) && unfit.contains(*storedOne(error)); });
    }
    if (const auto misfits = std::ranges::find_if(errors, isStored); misfits != errors.end())
        return tl::unexpected(misfit(*storedOne(*misfits), *misfits));
    return firstOf(std::move(errors));
}

std::set<PlanItemKey> PlanDraft::unfitBefore() const
{
    PlanDocument document;
    for (const auto& [name, stored] : m_model.groups)
        document.nodeGroups.push_back(stored.group);
    for (const auto& [key, stored] : m_model.planItems)
        add(document, stored.item);
    std::set<PlanItemKey> keys;
    for (const UnfitItem& item : takeOutUnfit(document, zonesOf(m_model)))
        keys.insert(item.key);
    return keys;
}

ZoneLoader zonesOf(const EngineModel& model)
{
    if (model.options.zones)
        return askedOnce(model.options.zones);
    return [](const std::string& name) -> Result<ZoneRules> {
        if (name == "UTC")
            return ZoneRules();
        return fail(ErrorCode::NotFound, "There are no time zones here but UTC.");
    };
}

Result<void> PlanDraft::check() const
{
    if (auto counted = checkCounts(); !counted)
        return counted;
    if (auto named = firstOf(checkNames()); !named)
        return named;
    return checkRules();
}

}  // namespace headgate
