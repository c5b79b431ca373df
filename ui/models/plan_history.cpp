#include "ui/models/plan_history.h"

namespace headgate {

PlanWish wishFor(const PlanStep& step, std::optional<std::uint64_t> version)
{
    if (!step.before)
        return {CreatePlanItem{*step.after}, std::nullopt};
    if (!step.after)
        return {DeletePlanItem{keyOf(*step.before)}, version};
    return {ReplacePlanItem{*step.after}, version};
}

void PlanHistory::add(PlanStep step, std::uint64_t version)
{
    m_versions[step.key()] = version;
    push(std::move(step));
}

void PlanHistory::add(ImportStep step, const StoredPlan& plan)
{
    learn(step, plan);
    push(std::move(step));
}

void PlanHistory::push(HistoryStep change)
{
    m_changes.resize(m_present);
    m_changes.push_back(std::move(change));
    if (m_changes.size() > depth)
        m_changes.erase(m_changes.begin());
    m_present = m_changes.size();
}

// Changes before an import are of other versions of the same items.
void PlanHistory::learn(const ImportStep& step, const StoredPlan& plan)
{
    std::map<PlanItemKey, std::uint64_t> present;
    for (const StoredPlanItem& stored : plan.items)
        present[keyOf(stored.item)] = stored.version;
    for (const PlanStep& item : step.items) {
        const auto found = present.find(item.key());
        if (found != present.end())
            m_versions[item.key()] = found->second;
    }
}

std::optional<std::uint64_t> PlanHistory::versionOf(const PlanItemKey& key) const
{
    const auto found = m_versions.find(key);
    return found == m_versions.end() ? std::nullopt : std::optional(found->second);
}

PlanWish PlanHistory::undoWish() const
{
    const auto& step = std::get<PlanStep>(lastChange());
    return wishFor({step.after, step.before}, versionOf(step.key()));
}

PlanWish PlanHistory::redoWish() const
{
    const auto& step = std::get<PlanStep>(nextChange());
    return wishFor(step, versionOf(step.key()));
}

void PlanHistory::undone(std::uint64_t version)
{
    m_versions[std::get<PlanStep>(lastChange()).key()] = version;
    --m_present;
}

void PlanHistory::redone(std::uint64_t version)
{
    m_versions[std::get<PlanStep>(nextChange()).key()] = version;
    ++m_present;
}

void PlanHistory::undone(const StoredPlan& plan)
{
    learn(std::get<ImportStep>(lastChange()), plan);
    --m_present;
}

void PlanHistory::redone(const StoredPlan& plan)
{
    learn(std::get<ImportStep>(nextChange()), plan);
    ++m_present;
}

void PlanHistory::clear()
{
    m_changes.clear();
    m_versions.clear();
    m_present = 0;
}

}  // namespace headgate
