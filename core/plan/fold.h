#pragma once

#include "core/domain/calendar.h"

#include <span>
#include <vector>

namespace headgate {

// What is to run in one cell. Inactive has both bounds 0, and min is never above max.
struct NodeBounds
{
    bool isActive = false;
    int min = 0;
    int max = 0;

    bool operator==(const NodeBounds&) const = default;
};

// The order in which operators of one priority are applied, whatever the order in which they were made.
enum class LayerStep
{
    ScheduleInactive,
    ScheduleActive,
    Replace,
    Shift,
    Floor,
    Ceil,
    Deactivate
};

constexpr int schedulePriority = -1;  // below all overlays
constexpr int limitPriority = 1001;   // above them

// One operator during one interval.
struct Layer
{
    Instant start;
    Instant end;  // excluded
    int source = 0;
    int scope = 0;
    int priority = schedulePriority;
    LayerStep step = LayerStep::ScheduleActive;
    int low = 0;   // min, floor, ceiling, or nodes to add; below 0 (bounds only): that of the group's rule
    int high = 0;  // max, or percent to add

    bool comesBefore(const Layer& other) const;
};

// A cell as its configuration and the scopes see it.
struct CellGround
{
    bool isThere = false;  // the configuration has the cell
    int min = 0;
    int max = 0;
    int source = 0;         // the configuration
    std::vector<int> rank;  // by scope: how exactly it names the cell, -1 if it does not
    int scheduleRank = -1;  // the most exact scope of a schedule; -1: none is for the cell
};

// The meanings are those of ConflictCode (preview.h) C1, C2, C4, C6.
enum class ClashKind
{
    Replace,
    FloorAboveCeiling,
    OnInactive,
    AboveLimit
};
struct Clash
{
    ClashKind kind;
    int source;
    int other;  // the same as source if only one takes part

    bool operator==(const Clash&) const = default;
};

// Sources that had a part, in the order in which they were applied, and what did not fit.
struct FoldNotes
{
    std::vector<int> reasons;
    std::vector<Clash> clashes;

    bool operator==(const FoldNotes&) const = default;
};

// Stands for "outside of all its schedules" among the sources.
constexpr int outsideSource = 0;

// `layers` are in force and sorted by comesBefore(). Of the overlays of one priority those with the most exact scope
// count; among schedules, those of the most exact scope that has any.
NodeBounds fold(const CellGround& ground, std::span<const Layer* const> layers, FoldNotes& notes);

}  // namespace headgate
