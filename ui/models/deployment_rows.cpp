#include "ui/models/deployment_rows.h"

#include "ui/format.h"
#include "ui/models/cells.h"
#include "ui/models/places.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <set>

namespace headgate {

DeploymentFigures figuresOf(const Snapshot& snapshot, const std::vector<NodeGroupName>& groups, const PriceBook& prices)
{
    DeploymentFigures figures;
    std::set<std::string> regions, images;
    double price = 0;
    bool isPriced = !prices.hourly.empty();
    for (const NodeGroupName& name : groups) {
        const NodeGroupStatus* status = snapshot.findNodeGroup(name);
        if (!status)
            continue;
        for (const PoolStatus& pool : status->pools) {
            figures.ready += pool.ready;
            figures.wanted += pool.wanted;
            regions.insert(pool.region);
        }
        for (const NodeImage& image : status->group.images)
            images.insert(image.image);
    }
    for (const NodeStatus& status : snapshot.nodes) {
        if (std::ranges::find(groups, status.node.pool.nodeGroup) == groups.end())
            continue;
        ++figures.nodes;
        figures.viewers += status.load.subscribers;
        figures.publishers += status.load.publishers;
        const auto found = prices.hourly.find(status.node.pool.role);
        if (found == prices.hourly.end())
            isPriced = false;
        else
            price += found->second;
    }
    figures.regions.assign(regions.begin(), regions.end());
    figures.images.assign(images.begin(), images.end());
    if (isPriced)
        figures.hourlyPrice = price;
    return figures;
}

const DeploymentStatus* findDeployment(const Snapshot& snapshot, const std::string& name)
{
    const auto found = std::ranges::find_if(
        snapshot.deployments, [&](const DeploymentStatus& one) { return one.stored.deployment.name == name; });
    return found == snapshot.deployments.end() ? nullptr : &*found;
}

std::vector<NodeGroupName> looseGroups(const Snapshot& snapshot)
{
    std::set<NodeGroupName> owned;
    for (const DeploymentStatus& one : snapshot.deployments)
        owned.insert(one.stored.deployment.nodeGroups.begin(), one.stored.deployment.nodeGroups.end());
    std::vector<NodeGroupName> loose;
    for (const NodeGroupStatus& status : snapshot.nodeGroups)
        if (!owned.contains(status.group.name))
            loose.push_back(status.group.name);
    return loose;
}

}  // namespace headgate

namespace headgate::rows {

namespace {

QString words(const char* source)
{
    return QCoreApplication::translate("rows", source);
}

Cell stateCell(const format::StatusWord& state, const std::vector<std::string>& waitsFor)
{
    Cell cell;
    cell.text = state.word;
    if (!waitsFor.empty())
        cell.second = format::text(waitsFor.front());
    return cell;
}

QString listed(const QStringList& names)
{
    return names.isEmpty() ? format::unknown() : names.join(QStringLiteral(", "));
}

// What follows name and state in every row.
void addFigures(TableRow& row, const Snapshot& snapshot, const DeploymentFigures& figures, const PriceBook& prices)
{
    QStringList regions, images;
    for (const std::string& region : figures.regions)
        regions << regionName(snapshot, region);
    for (const std::string& image : figures.images)
        images << format::text(image);
    row.cells.push_back(figure(format::ofCount(figures.ready, figures.wanted), figures.ready));
    row.cells.push_back(plain(listed(regions)));
    row.cells.push_back(plain(listed(images)));
    row.cells.push_back(
        figure(figures.hourlyPrice ? format::money(*figures.hourlyPrice, prices.currency) : format::unknown(),
               figures.hourlyPrice.value_or(-1)));
    row.search = regions.join(QLatin1Char(' '));
}

TableRow groupRow(const Snapshot& snapshot, const NodeGroupName& name, const PriceBook& prices)
{
    TableRow row;
    row.key = groupKey(name);
    Cell title;
    title.text = format::text(name.value);
    title.indent = 1;
    const NodeGroupStatus* status = snapshot.findNodeGroup(name);
    const format::StatusWord health = status ? format::groupState(*status) : format::StatusWord();
    if (status)
        title.glyph = health.status;
    title.second = !status ? words("node group, not there any more")
                   : format::urgency(health.status) > format::urgency(Status::Pending)
                       ? words("node group, %1").arg(health.word)
                       : words("node group");
    row.cells = {title,
                 status ? stateCell(format::groupActivity(*status), status->waitsFor) : plain(format::unknown())};
    addFigures(row, snapshot, figuresOf(snapshot, {name}, prices), prices);
    return row;
}

TableRow deploymentRow(const Snapshot& snapshot, const DeploymentStatus& status)
{
    const Deployment& deployment = status.stored.deployment;
    const format::StatusWord state = format::deploymentState(status.state);
    TableRow row;
    row.key = deploymentKey(deployment.name);
    Cell title;
    title.text = format::text(deployment.name);
    const auto groups = static_cast<int>(deployment.nodeGroups.size());
    title.second = !deployment.description.empty() ? format::text(deployment.description)
                   : groups == 1                   ? words("1 node group")
                                                   : words("%1 node groups").arg(groups);
    title.glyph = state.status;
    title.isStrong = true;
    row.cells = {title, stateCell(state, status.waitsFor)};
    addFigures(row, snapshot, figuresOf(snapshot, deployment.nodeGroups, deployment.prices), deployment.prices);
    row.facets << QStringLiteral("state:") + state.word;
    return row;
}

TableRow looseHeading(std::size_t count)
{
    TableRow row;
    row.key = looseKey();
    row.isSection = true;
    Cell title;
    title.text = words("No deployment");
    title.second = count == 1 ? words("1 node group") : words("%1 node groups").arg(count);
    row.cells.assign(deploymentColumns().size(), Cell{});
    row.cells.front() = title;
    row.facets << QStringLiteral("state:none");
    return row;
}

}  // namespace

std::vector<TableColumn> deploymentColumns()
{
    return {{words("Deployment"), 230, ColumnAlign::Left, true},
            {words("State, and what it waits for"), 250, ColumnAlign::Left, true},
            {words("Ready of wanted"), 120, ColumnAlign::Right},
            {words("Regions"), 180, ColumnAlign::Left, true, 3},
            {words("Versions"), 140, ColumnAlign::Left, false, 2},
            {words("Cost per hour"), 110, ColumnAlign::Right, false, 1}};
}

std::vector<TableRow> deployments(const Snapshot& snapshot)
{
    std::vector<TableRow> all;
    const auto addGroups = [&](const std::vector<NodeGroupName>& groups, const PriceBook& prices) {
        const QStringList facets = all.back().facets;
        for (const NodeGroupName& group : groups) {
            all.push_back(groupRow(snapshot, group, prices));
            all.back().facets = facets;
        }
    };
    for (const DeploymentStatus& status : snapshot.deployments) {
        all.push_back(deploymentRow(snapshot, status));
        addGroups(status.stored.deployment.nodeGroups, status.stored.deployment.prices);
    }
    if (const std::vector<NodeGroupName> loose = looseGroups(snapshot); !loose.empty()) {
        all.push_back(looseHeading(loose.size()));
        addGroups(loose, {});
    }
    return all;
}

QString deploymentKey(const std::string& name)
{
    return QStringLiteral("deployment:") + format::text(name);
}

QString groupKey(const NodeGroupName& name)
{
    return QStringLiteral("group:") + format::text(name.value);
}

QString looseKey()
{
    return QStringLiteral("loose");
}

}  // namespace headgate::rows
