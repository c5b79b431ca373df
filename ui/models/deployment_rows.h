#pragma once

#include "core/domain/snapshot.h"
#include "ui/models/cell.h"

#include <QString>

#include <optional>
#include <string>
#include <vector>

namespace headgate {

// What the node groups of one deployment have at present.
struct DeploymentFigures
{
    int ready = 0;
    int wanted = 0;
    int nodes = 0;  // that exist, whatever they do
    int viewers = 0;
    int publishers = 0;
    std::vector<std::string> regions;   // sorted
    std::vector<std::string> images;    // what providers start, sorted
    std::optional<double> hourlyPrice;  // of the nodes that exist; none if one has no price

    bool operator==(const DeploymentFigures&) const = default;
};

DeploymentFigures figuresOf(const Snapshot& snapshot, const std::vector<NodeGroupName>& groups,
                            const PriceBook& prices);

const DeploymentStatus* findDeployment(const Snapshot& snapshot, const std::string& name);

// Node groups that belong to no deployment, sorted.
std::vector<NodeGroupName> looseGroups(const Snapshot& snapshot);

}  // namespace headgate

// Deployments as rows; see rows.h.
namespace headgate::rows {

std::vector<TableColumn> deploymentColumns();

// Each deployment, one step in its node groups; then the groups that belong to none under a heading.
// Keys: deploymentKey(name), groupKey(name), looseKey().
std::vector<TableRow> deployments(const Snapshot& snapshot);

QString deploymentKey(const std::string& name);
QString groupKey(const NodeGroupName& name);
QString looseKey();

}  // namespace headgate::rows
