#include "ui/models/import_step.h"

#include <algorithm>
#include <map>
#include <set>

namespace headgate {

namespace {

using StoredByKey = std::map<PlanItemKey, const StoredPlanItem*>;

StoredByKey byKey(const StoredPlan& plan)
{
    StoredByKey found;
    for (const StoredPlanItem& stored : plan.items)
        found[keyOf(stored.item)] = &stored;
    return found;
}

std::optional<PlanItem> itemAt(const StoredByKey& stored, const PlanItemKey& key)
{
    const auto found = stored.find(key);
    return found == stored.end() ? std::nullopt : std::optional(found->second->item);
}

const NodeGroupStatus* groupAt(const PlanGround& ground, const NodeGroupName& name)
{
    return ground.snapshot->findNodeGroup(name);
}

std::optional<NodeGroup> valueOf(const NodeGroupStatus* status)
{
    return status ? std::optional(status->group) : std::nullopt;
}

tl::unexpected<Error> changedSince(const std::string& what)
{
    return fail(ErrorCode::Conflict, what + " was changed since. Nothing was changed.",
                "Change it by hand, or leave it as it is.");
}

// Exclusion sets are named by schedules: they come first and go last.
bool isNamedByOthers(const PlanItemKey& key)
{
    return key.kind == PlanItemKind::ExclusionSet;
}

class WishList
{
public:
    WishList(const ImportStep& step, const PlanGround& present)
        : m_step(step), m_present(present), m_stored(byKey(*present.plan))
    {}

    Result<std::vector<PlanWish>> make()
    {
        for (const GroupStep& group : m_step.groups) {
            if (auto taken = take(group); !taken)
                return tl::unexpected(taken.error());
        }
        for (const PlanStep& item : m_step.items) {
            if (auto taken = take(item); !taken)
                return tl::unexpected(taken.error());
        }
        std::vector<PlanWish> wishes = std::move(m_first);
        if (!m_put.nodeGroups.empty() || !itemsOf(m_put).empty())
            wishes.push_back({ImportPlan{std::move(m_put)}, m_present.plan->revision});
        for (std::vector<PlanWish>* rest : {&m_last, &m_groups})
            std::ranges::move(*rest, std::back_inserter(wishes));
        return wishes;
    }

private:
    Result<void> take(const GroupStep& step)
    {
        const NodeGroupStatus* status = groupAt(m_present, step.name());
        const std::optional<NodeGroup> present = valueOf(status);
        if (present == step.after)
            return {};
        if (present != step.before)
            return changedSince("Node group \"" + step.name().value + "\"");
        if (step.after)
            m_put.nodeGroups.push_back(*step.after);
        else
            m_groups.push_back({DeleteNodeGroup{step.name()}, status->version});
        return {};
    }

    Result<void> take(const PlanStep& step)
    {
        const PlanItemKey key = step.key();
        const std::optional<PlanItem> present = itemAt(m_stored, key);
        if (present == step.after)
            return {};
        if (present != step.before)
            return changedSince("\"" + key.id + "\"");
        if (step.after)
            add(m_put, *step.after);
        else
            (isNamedByOthers(key) ? m_last : m_first).push_back({DeletePlanItem{key}, m_stored.at(key)->version});
        return {};
    }

    const ImportStep& m_step;
    const PlanGround& m_present;
    StoredByKey m_stored;
    std::vector<PlanWish> m_first;
    PlanDocument m_put;
    std::vector<PlanWish> m_last;
    std::vector<PlanWish> m_groups;
};

}  // namespace

ImportStep importStep(const QString& fileName, const PlanDocument& document, const PlanGround& before,
                      const PlanGround& after)
{
    ImportStep step{fileName, {}, {}};
    const StoredByKey old = byKey(*before.plan), fresh = byKey(*after.plan);
    // What the engine filled in is known by what was not there before.
    std::set<PlanItemKey> keys;
    for (const PlanItem& item : itemsOf(document))
        keys.insert(keyOf(item));
    for (const auto& [key, stored] : fresh) {
        if (!old.contains(key))
            keys.insert(key);
    }
    for (const PlanItemKey& key : keys) {
        PlanStep item{itemAt(old, key), itemAt(fresh, key)};
        if (item.before != item.after)
            step.items.push_back(std::move(item));
    }
    for (const NodeGroup& group : document.nodeGroups) {
        GroupStep taken{valueOf(groupAt(before, group.name)), valueOf(groupAt(after, group.name))};
        if (taken.before != taken.after)
            step.groups.push_back(std::move(taken));
    }
    return step;
}

ImportStep reversed(const ImportStep& step)
{
    ImportStep back = step;
    for (PlanStep& item : back.items)
        std::swap(item.before, item.after);
    for (GroupStep& group : back.groups)
        std::swap(group.before, group.after);
    return back;
}

Result<std::vector<PlanWish>> wishesFor(const ImportStep& step, const PlanGround& present)
{
    return WishList(step, present).make();
}

}  // namespace headgate
