#pragma once

#include "core/domain/snapshot.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headgate {

// What would happen now if something was lost.
enum class LossEffect
{
    Nothing,  // nobody is on it
    Moves,    // others take over
    Cuts      // nobody is left to take over
};

struct LossCase
{
    enum class What
    {
        OneEdge,
        OneOrigin,
        Region
    };

    What what = What::OneEdge;
    std::string region;  // with Region
    LossEffect effect = LossEffect::Nothing;
    int viewers = 0;     // that move or are cut, in the worst such loss
    int publishers = 0;  // likewise

    bool operator==(const LossCase&) const = default;
};

// The worst loss of one ready edge, one ready origin and each region that has ready nodes, most severe first. Counts
// on the nodes that are ready now: "others" are ready nodes of the same role in the same group. Empty without ready
// nodes.
std::vector<LossCase> lossCases(const Snapshot& snapshot);

// What the loss of certain nodes would do now.
struct BlastRadius
{
    LossEffect effect = LossEffect::Nothing;
    int nodes = 0;
    int viewers = 0;  // on them: they move as far as others of their group have seats
    int refused = 0;  // of these, those who find no seat
    int publishers = 0;
    int streams = 0;      // published on them
    int fedNodes = 0;     // others that get a picture through them
    int fedViewers = 0;   // of the streams concerned, on these: they stay where they are
    bool canFeed = true;  // others of each role that is lost can feed them

    bool operator==(const BlastRadius&) const = default;
};

// "Others" as for lossCases().
BlastRadius blastRadius(const Snapshot& snapshot, const std::vector<NodeId>& lost);

// What the ready nodes that take viewers can carry together.
struct Seats
{
    std::int64_t taken = 0;  // viewers and nodes that pull
    std::int64_t all = 0;
    int measured = 0;  // nodes whose image was measured
    int nodes = 0;

    bool operator==(const Seats&) const = default;
};
Seats seatsOf(const Snapshot& snapshot);

// One region with what it holds now.
struct RegionFigures
{
    std::string name;
    int viewers = 0;
    int nodes = 0;
    int ready = 0;
    int warming = 0;
    int draining = 0;
    int unwell = 0;
    double cpuPercent = 0;  // mean of its nodes

    bool operator==(const RegionFigures&) const = default;
};

// Sorted by name.
std::vector<RegionFigures> regionFigures(const Snapshot& snapshot);

}  // namespace headgate
