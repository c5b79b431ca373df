#include "ui/pages/region_rows.h"

#include "ui/models/cells.h"
#include "ui/models/places.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace headgate {

namespace {

constexpr double busyPercent = 70;
constexpr double fullPercent = 90;
constexpr double samePlaceDegrees = 0.5;

QString words(const char* source)
{
    return QCoreApplication::translate("rows", source);
}

std::optional<MapRegion> mapRegionOf(const Snapshot& snapshot, const RegionFigures& figures, MapMeasure measure)
{
    const std::optional<Place> place = placeOfRegion(snapshot, figures.name);
    if (!place)
        return std::nullopt;
    MapRegion region;
    region.id = format::text(figures.name);
    region.name = place->name;
    region.latitude = place->latitude;
    region.longitude = place->longitude;
    region.status = format::regionState(figures).status;
    switch (measure) {
    case MapMeasure::Viewers:
        region.weight = figures.viewers;
        region.caption = format::compactCount(figures.viewers);
        break;
    case MapMeasure::Load:
        region.weight = figures.cpuPercent;
        region.caption = format::percent(figures.cpuPercent);
        break;
    case MapMeasure::Nodes:
        region.weight = figures.nodes;
        region.caption = format::count(figures.nodes);
        break;
    }
    return region;
}

}  // namespace

std::vector<RegionOverview> regionOverviews(const Snapshot& snapshot)
{
    std::map<std::string, RegionOverview> all;
    for (const RegionStatus& status : snapshot.regions)
        all[status.region.name].known = status;
    for (const RegionFigures& figures : regionFigures(snapshot))
        all[figures.name].figures = figures;
    for (const NodeGroupStatus& status : snapshot.nodeGroups) {
        std::set<std::string> named;
        for (const PoolStatus& pool : status.pools)
            named.insert(pool.region);
        for (const std::string& name : named)
            ++all[name].nodeGroups;
    }
    std::vector<RegionOverview> result;
    for (auto& [name, overview] : all) {
        overview.figures.name = name;
        overview.isDefault = name == snapshot.defaultRegion;
        result.push_back(std::move(overview));
    }
    return result;
}

std::vector<MapRegion> mapRegions(const Snapshot& snapshot, MapMeasure measure)
{
    std::vector<MapRegion> regions;
    for (const RegionFigures& figures : regionFigures(snapshot))
        if (auto region = mapRegionOf(snapshot, figures, measure))
            regions.push_back(std::move(*region));
    return regions;
}

std::vector<MapRegion> allMapRegions(const Snapshot& snapshot, MapMeasure measure)
{
    std::vector<MapRegion> regions;
    for (const RegionOverview& overview : regionOverviews(snapshot)) {
        auto region = mapRegionOf(snapshot, overview.figures, measure);
        if (!region)
            continue;
        if (overview.figures.nodes == 0)
            region->caption.clear();
        regions.push_back(std::move(*region));
    }
    // Where several names stand for one place, those that have nodes are shown.
    std::ranges::stable_sort(regions, {}, [](const MapRegion& one) { return one.caption.isEmpty(); });
    std::vector<MapRegion> shown;
    for (MapRegion& region : regions) {
        const bool isTaken = std::ranges::any_of(shown, [&](const MapRegion& other) {
            return std::abs(other.latitude - region.latitude) < samePlaceDegrees &&
                   std::abs(other.longitude - region.longitude) < samePlaceDegrees;
        });
        if (!isTaken || !region.caption.isEmpty())
            shown.push_back(std::move(region));
    }
    return shown;
}

}  // namespace headgate

namespace headgate::format {

StatusWord regionState(const RegionFigures& figures)
{
    if (figures.unwell > 0)
        return {figures.ready > 0 ? Status::Warning : Status::Critical, words("%1 unwell").arg(figures.unwell)};
    if (figures.warming > 0)
        return {Status::Pending, words("Warming")};
    if (figures.ready > 0)
        return {Status::Ok, words("Ready")};
    if (figures.draining > 0)
        return {Status::Draining, words("Draining")};
    return {Status::Off, words("No nodes")};
}

QString coordinates(double latitude, double longitude)
{
    const auto degrees = [](double value) { return QString::number(std::abs(value), 'f', 1) + QChar(0xb0); };
    return QStringLiteral("%1 %2, %3 %4")
        .arg(degrees(latitude), latitude < 0 ? words("S") : words("N"), degrees(longitude),
             longitude < 0 ? words("W") : words("E"));
}

}  // namespace headgate::format

namespace headgate::rows {

namespace {

Cell loadCell(const RegionFigures& figures)
{
    if (figures.nodes == 0)
        return figure(format::unknown(), -1);
    Cell cell = figure(format::percent(figures.cpuPercent), figures.cpuPercent);
    cell.bar = std::clamp(figures.cpuPercent / 100, 0.0, 1.0);
    cell.barStatus = figures.cpuPercent > fullPercent   ? Status::Critical
                     : figures.cpuPercent > busyPercent ? Status::Warning
                                                        : Status::Off;
    return cell;
}

QString originOf(const RegionOverview& overview)
{
    if (!overview.known)
        return words("named by a group, not described");
    return overview.known->version == 0 ? words("built in") : words("added");
}

TableRow regionRow(const Snapshot& snapshot, const RegionOverview& overview)
{
    const RegionFigures& figures = overview.figures;
    const format::StatusWord state = format::regionState(figures);
    const std::optional<Place> place = placeOfRegion(snapshot, figures.name);
    TableRow row;
    row.key = format::text(figures.name);
    Cell name;
    name.text = overview.known ? format::text(overview.known->region.title) : regionName(snapshot, figures.name);
    name.second = overview.isDefault ? words("%1, default").arg(row.key) : row.key;
    name.glyph = state.status;
    name.isStrong = true;
    const bool hasNodes = figures.nodes > 0;
    row.cells = {name,
                 plain(state.word),
                 hasNodes ? figure(format::ofCount(figures.ready, figures.nodes), figures.ready)
                          : figure(format::unknown(), -1),
                 hasNodes ? figure(format::count(figures.viewers), figures.viewers) : figure(format::unknown(), -1),
                 loadCell(figures),
                 figure(format::count(overview.nodeGroups), overview.nodeGroups),
                 plain(place ? format::coordinates(place->latitude, place->longitude) : format::unknown()),
                 plain(originOf(overview))};
    row.cells[0].sort = name.text;
    row.search = regionName(snapshot, figures.name);
    row.isQuiet = !hasNodes && !overview.isDefault;
    if (overview.nodeGroups > 0)
        row.facets << QStringLiteral("used:yes");
    return row;
}

}  // namespace

std::vector<TableColumn> regionColumns()
{
    return {{words("Region"), 220, ColumnAlign::Left, true},      {words("State"), 100},
            {words("Ready of nodes"), 110, ColumnAlign::Right},   {words("Viewers"), 80, ColumnAlign::Right},
            {words("CPU, % of a core"), 140, ColumnAlign::Right}, {words("Groups"), 70, ColumnAlign::Right, false, 2},
            {words("Place"), 130, ColumnAlign::Left, false, 1},   {words("Origin"), 110, ColumnAlign::Left, true, 3}};
}

std::vector<TableRow> regions(const Snapshot& snapshot)
{
    std::vector<TableRow> all;
    for (const RegionOverview& overview : regionOverviews(snapshot))
        all.push_back(regionRow(snapshot, overview));
    return all;
}

}  // namespace headgate::rows
