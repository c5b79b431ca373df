#pragma once

#include "core/domain/audit.h"
#include "core/domain/snapshot.h"
#include "ui/models/cell.h"
#include "ui/models/local_history.h"

#include <QSet>

#include <vector>

// Snapshot to rows; pure functions. Columns and rows of one table belong together.
namespace headgate::rows {

std::vector<TableColumn> nodeGroupColumns();
// The tree, flattened: group, then its pools (one step in) unless the group's key is in `closed`.
// Keys: "group", "group/subgroup/role".
std::vector<TableRow> nodeGroups(const Snapshot& snapshot, const QSet<QString>& closed = {});

std::vector<TableColumn> nodeColumns();
std::vector<TableRow> nodes(const Snapshot& snapshot, TimePoint now);  // key: node id

std::vector<TableColumn> streamColumns();
std::vector<TableRow> streams(const Snapshot& snapshot, const LocalHistory& history,
                              TimePoint now);  // "group/scope/name"

std::vector<TableColumn> auditColumns(TimePoint now);                  // the time column names its zone
std::vector<TableRow> audit(const std::vector<AuditRecord>& records);  // key: sequence

QString streamRowKey(const NodeGroupName& group, const StreamKey& stream);
QString poolRowKey(const PoolKey& pool);

}  // namespace headgate::rows
