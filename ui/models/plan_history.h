#pragma once

#include "core/domain/command.h"
#include "core/domain/snapshot.h"

#include <QString>

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
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

// A node group before and after a change, as a step of the plan.
struct GroupStep
{
    std::optional<NodeGroup> before;
    std::optional<NodeGroup> after;

    const NodeGroupName& name() const { return after ? after->name : before->name; }
    bool operator==(const GroupStep&) const = default;
};

// All that one import made or replaced.
struct ImportStep
{
    QString fileName;
    std::vector<PlanStep> items;
    std::vector<GroupStep> groups;

    bool operator==(const ImportStep&) const = default;
};

using HistoryStep = std::variant<PlanStep, ImportStep>;

// The plan and the node groups it is for, at one instant.
struct PlanGround
{
    StoredPlanPtr plan;
    std::shared_ptr<const Snapshot> snapshot;
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
    // `plan` is how the import left it.
    void add(ImportStep step, const StoredPlan& plan);

    bool canUndo() const { return m_present > 0; }
    bool canRedo() const { return m_present < m_changes.size(); }

    // What is taken back, or brought again, next; there must be one. Nothing is counted as done before undone() or
    // redone() say so.
    const HistoryStep& lastChange() const { return m_changes[m_present - 1]; }
    const HistoryStep& nextChange() const { return m_changes[m_present]; }
    // Of a PlanStep.
    PlanWish undoWish() const;
    PlanWish redoWish() const;
    void undone(std::uint64_t version);
    void redone(std::uint64_t version);
    // Of an ImportStep; `plan` is how it is then.
    void undone(const StoredPlan& plan);
    void redone(const StoredPlan& plan);

    void clear();

private:
    void push(HistoryStep change);
    std::optional<std::uint64_t> versionOf(const PlanItemKey& key) const;
    void learn(const ImportStep& step, const StoredPlan& plan);

    std::vector<HistoryStep> m_changes;
    std::size_t m_present = 0;                        // changes that hold
    std::map<PlanItemKey, std::uint64_t> m_versions;  // as the last change left them
};

}  // namespace headgate
