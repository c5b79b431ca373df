#pragma once

#include "core/domain/snapshot.h"
#include "ui/format.h"
#include "ui/models/cell.h"
#include "ui/pages/headroom.h"
#include "ui/widgets/region_map.h"

#include <optional>
#include <string>
#include <vector>

namespace headgate {

enum class MapMeasure
{
    Viewers,
    Load,
    Nodes
};

// A region that is known, or that a node group names though nobody described it.
struct RegionOverview
{
    RegionFigures figures;  // with its name
    std::optional<RegionStatus> known;
    int nodeGroups = 0;  // that have pools there
    bool isDefault = false;

    bool operator==(const RegionOverview&) const = default;
};

// Sorted by name.
std::vector<RegionOverview> regionOverviews(const Snapshot& snapshot);

// Regions that have nodes or want some, where their place is known; the others cannot be put on a map.
std::vector<MapRegion> mapRegions(const Snapshot& snapshot, MapMeasure measure);
// Those that have none, too.
std::vector<MapRegion> allMapRegions(const Snapshot& snapshot, MapMeasure measure);

}  // namespace headgate

namespace headgate::format {

StatusWord regionState(const RegionFigures& figures);    // "Ready", "No nodes", "2 unwell"
QString coordinates(double latitude, double longitude);  // "50.1° N, 8.7° E"

}  // namespace headgate::format

namespace headgate::rows {

std::vector<TableColumn> regionColumns();
std::vector<TableRow> regions(const Snapshot& snapshot);  // key: the region's name

}  // namespace headgate::rows
