#pragma once

#include "core/domain/command.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace headgate {

// An item of the plan before and after a change; it was made, or is gone, where one is missing.
struct PlanStep
{
    std::optional<PlanItem> before;
    std::optional<PlanItem> after;

    PlanItemKey key() const { return keyOf(after ? *after : *before); }
    bool operator==(const PlanStep&) const = default;
};

// What is to be asked of the control plane.
struct PlanWish
{
    Command command;
    std::optional<std::uint64_t> ifVersion;
};

// The command that makes `after` of `before`, of which the caller saw `version`.
PlanWish wishFor(const PlanStep& step, std::optional<std::uint64_t> version);

// The changes of the plan that were applied here, to take back and to bring again.
class PlanHistory
{
public:
    static constexpr std::size_t depth = 100;

    // `version` is that of the item after it; any if it is gone.
    void add(PlanStep step, std::uint64_t version);

    bool canUndo() const { return m_present > 0; }
    bool canRedo() const { return m_present < m_steps.size(); }

    // What takes the last change back, or brings the next one again; one of them there must be. Nothing is counted as
    // done before undone() or redone() say so.
    const PlanStep& lastStep() const { return m_steps[m_present - 1]; }
    const PlanStep& nextStep() const { return m_steps[m_present]; }
    PlanWish undoWish() const;
    PlanWish redoWish() const;
    void undone(std::uint64_t version);
    void redone(std::uint64_t version);

    void clear();

private:
    std::optional<std::uint64_t> versionOf(const PlanItemKey& key) const;

    std::vector<PlanStep> m_steps;
    std::size_t m_present = 0;                        // steps that hold
    std::map<PlanItemKey, std::uint64_t> m_versions;  // as the last change left them
};

}  // namespace headgate
