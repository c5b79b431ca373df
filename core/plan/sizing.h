#pragma once

#include "core/domain/deployment.h"
#include "core/domain/node_image_record.h"
#include "core/plan/preview.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// From an expected audience to nodes, and from a plan to what it uses.
namespace headgate {

struct SizingBasis
{
    NodeLimits node;           // what one node carries
    int headroomPercent = 25;  // on top of what is expected, 0 to 400

    bool operator==(const SizingBasis&) const = default;
};

struct RegionSize
{
    std::string region;
    int origins = 0;
    int relays = 0;
    int edges = 0;
    int viewersPerEdge = 0;  // that one edge carries at the region's bitrate

    bool operator==(const RegionSize&) const = default;
};

// The nodes of each region, in the order of `demand`, by the measure that routing goes by: a node carries so many
// sessions and so many bits, whichever is reached first.
// - Edges carry the viewers of their region.
// - Relays stand in each region with edges if else a stream went a long way more than once (edges in two regions, two
//   in one of them), or if there are more edges than origins should serve themselves (16). They carry what edges pull.
// - Origins stand where publishers are and carry what relays, or edges, pull: at worst every stream is watched
//   everywhere, but nobody pulls what has no viewer. Where publishers were not measured, one counts as a viewer.
// ResourceExhausted if a region needs more than 1024 nodes of a role; the pointer leads to its demand.
Result<std::vector<RegionSize>> sizeNodes(const std::vector<RegionDemand>& demand, const SizingBasis& basis);

// A usual bitrate of H.264 pictures: 1510 for 720 lines and 30 a second, more for more of either.
int usualKilobits(int height, int framesPerSecond);

// What the floors of a preview add up to, by role.
using NodeSeconds = std::map<std::string, std::int64_t>;
NodeSeconds nodeSeconds(const Preview& preview);
std::int64_t total(const NodeSeconds& spent);

// In the currency of the prices. None without prices, or if nodes of a role have none.
std::optional<double> costOf(const NodeSeconds& spent, const PriceBook& prices);

}  // namespace headgate
