#pragma once

#include "core/domain/snapshot.h"
#include "core/plan/capacity_plan.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// What a plan, or a change of it, leads to. Pure: any thread.
namespace headgate {

// The plan of all groups, ready to be asked.
struct CompiledPlans
{
    PlanDocument document;
    std::vector<NodeImageStatus> images;           // what they carry turns expected viewers into nodes
    std::map<NodeGroupName, CapacityPlan> groups;  // those whose plan holds together
    std::vector<Error> failures;                   // why the others do not
};
using CompiledPlansPtr = std::shared_ptr<const CompiledPlans>;

CompiledPlansPtr compilePlans(PlanDocument document, const Snapshot& snapshot, const ZoneLoader& zones);

// Whether nodes carry as much as when these were compiled.
bool isFitting(const CompiledPlans& plans, const Snapshot& snapshot);

// The same zones, each read once. Any thread.
ZoneLoader remembering(ZoneLoader zones);

Instant instantOf(TimePoint at);
TimePoint timePointOf(Instant at);

// Null if the document does not have it.
const Schedule* findSchedule(const PlanDocument& document, const std::string& id);
const Overlay* findOverlay(const PlanDocument& document, const std::string& id);

struct ItemWindow
{
    Instant start;
    Instant end;
    std::optional<LocalTime> occurrence;  // of a calendar: the start as written
    bool isExcluded = false;              // by an exception or a holiday; does not take place

    bool operator==(const ItemWindow&) const = default;
};

// The next windows of a schedule or overlay that end after `now`, those that do not take place among them.
std::vector<ItemWindow> nextWindows(const PlanDocument& document, const PlanItem& item, Instant now,
                                    const ZoneLoader& zones, std::size_t most = 10);

// Bounds of a pool that are others with the change.
struct PoolChange
{
    NodeGroupName group;
    PlanDifference difference;

    bool operator==(const PoolChange&) const = default;
};

struct PlanConflict
{
    Conflict conflict;
    std::string sentence;

    bool operator==(const PlanConflict&) const = default;
};

// What an item that is not saved yet leads to.
struct PlanForecast
{
    std::vector<Error>
        errors;  // broken rules; pointers begin below the item: "/timing/zone". Nothing else is there then
    std::vector<ItemWindow> windows;      // the next ten
    std::vector<PoolChange> changes;      // against the plan as saved, by start; the first hundred
    std::vector<PlanConflict> conflicts;  // that the item takes part in, by start; the first twenty
    std::chrono::days lookedAhead{400};   // fewer where more would be too much work

    bool operator==(const PlanForecast&) const = default;
};

// Some 200 ms where there are 10,000 overlays. Without `item` it is gone.
PlanForecast forecast(const CompiledPlans& saved, const Snapshot& snapshot, const PlanItemKey& key,
                      const std::optional<PlanItem>& item, const ZoneLoader& zones);

}  // namespace headgate
