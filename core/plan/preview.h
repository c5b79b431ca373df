#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/fold.h"

#include <string>
#include <vector>

namespace headgate {

// One role in one leaf subgroup. Both are empty, or one is, where the plan is of a group whose configuration is not
// known: then the cells are the scopes that the plan names.
struct PlanCell
{
    std::string subgroup;
    std::string role;

    auto operator<=>(const PlanCell&) const = default;
};

enum class SourceKind
{
    Outside,        // none of the schedules of the cell is going on
    Configuration,  // the group's own rule, or that of a configuration overlay
    Schedule,
    Overlay,
    Limit
};

// What a value can come from.
struct PlanSource
{
    SourceKind kind = SourceKind::Outside;
    std::string id;
    std::string name;
    int priority = schedulePriority;

    bool operator==(const PlanSource&) const = default;
};

enum class ConflictCode
{
    ContradictoryReplace,  // C1: of one priority; the larger values hold
    FloorAboveCeiling,     // C2: of one priority; the ceiling holds
    NoEffect,              // C3: the overlay changes nothing in its whole interval
    OnInactive,            // C4: adds to what is inactive, or makes it active by a floor
    ShorterThanLead,       // C5: is over, or begins, before nodes can be ready
    AboveLimit,            // C6: cut by a quota, a licence or a budget, or more than a plan counts
    EndsLiveStreams,       // C7: deactivates while streams are live
    MovedByClocks          // C8: a change of the clocks moved or dropped a window
};

struct Conflict
{
    ConflictCode code = ConflictCode::ContradictoryReplace;
    Instant start;
    Instant end;
    int cell = -1;             // -1: no single one
    std::vector<int> sources;  // who takes part

    bool operator==(const Conflict&) const = default;
};

// The same bounds from start to end. Neighbours differ in bounds or conflicts, not in provenance alone.
struct Segment
{
    int cell = 0;
    Instant start;
    Instant end;
    NodeBounds bounds;
    std::vector<int> provenance;  // sources in the order applied, the last one decided; at most 64
    std::vector<int> conflicts;   // C1, C2, C4 and C6 of this cell

    bool operator==(const Segment&) const = default;
};

// Indices lead into the vectors of this value.
struct Preview
{
    Instant from;
    Instant to;  // sooner than asked if the rest would be too much work, but after `from`
    std::vector<PlanCell> cells;
    std::vector<PlanSource> sources;
    std::vector<Segment> segments;    // by cell, then by start; each cell's go from `from` to `to` without a hole
    std::vector<Conflict> conflicts;  // by start

    bool operator==(const Preview&) const = default;
};

// What is known about the world besides the plan.
struct PlanFacts
{
    Instant now;
    seconds leadTime{0};  // so long before a floor rises its nodes are ordered
    int liveStreams = 0;
};

// Where two previews that begin together want different things, until one of them ends. Cells that only one of them has
// are inactive in the other.
struct PlanDifference
{
    PlanCell cell;
    Instant start;
    Instant end;
    NodeBounds before;
    NodeBounds after;

    bool operator==(const PlanDifference&) const = default;
};
std::vector<PlanDifference> difference(const Preview& before, const Preview& after);

// "C1" to "C8".
std::string_view toWord(ConflictCode code);

// One sentence for people.
std::string describe(const Conflict& conflict, const Preview& preview);

}  // namespace headgate
