#pragma once

#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"
#include "ui/models/cell.h"

#include <map>
#include <vector>

namespace headgate::rows {

std::vector<TableColumn> viewerColumns();
// Of all the nodes, the greatest lag first. Key: "node/session".
std::vector<TableRow> viewers(const std::map<NodeId, StreamDetails>& details, const Snapshot& snapshot);
QString viewerRowKey(const NodeId& node, std::uint64_t viewer);

std::vector<TableColumn> trackColumns();
std::vector<TableRow> tracks(const StreamDetails& details);  // key: "video/0"

// "RTMP", "HTTP-FLV", "WebSocket-FLV"
QString protocolName(const std::string& protocol);

}  // namespace headgate::rows
