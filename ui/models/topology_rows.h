#pragma once

#include "ui/models/cell.h"
#include "ui/models/topology.h"

#include <vector>

// The topology as a table: one row a box, with the same keys.
namespace headgate::rows {

std::vector<TableColumn> topologyColumns();
std::vector<TableRow> topology(const Topology& topology);

// Tab-separated, with a line of titles.
QString topologyText(const Topology& topology);

}  // namespace headgate::rows
