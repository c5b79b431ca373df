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
    m_steps.resize(m_present);
    m_versions[step.key()] = version;
    m_steps.push_back(std::move(step));
    if (m_steps.size() > depth)
        m_steps.erase(m_steps.begin());
    m_present = m_steps.size();
}

std::optional<std::uint64_t> PlanHistory::versionOf(const PlanItemKey& key) const
{
    const auto found = m_versions.find(key);
    return found == m_versions.end() ? std::nullopt : std::optional(found->second);
}

PlanWish PlanHistory::undoWish() const
{
    const PlanStep& step = lastStep();
    return wishFor({step.after, step.before}, versionOf(step.key()));
}

PlanWish PlanHistory::redoWish() const
{
    return wishFor(nextStep(), versionOf(nextStep().key()));
}

void PlanHistory::undone(std::uint64_t version)
{
    m_versions[lastStep().key()] = version;
    --m_present;
}

void PlanHistory::redone(std::uint64_t version)
{
    m_versions[nextStep().key()] = version;
    ++m_present;
}

void PlanHistory::clear()
{
    m_steps.clear();
    m_versions.clear();
    m_present = 0;
}

}  // namespace headgate
