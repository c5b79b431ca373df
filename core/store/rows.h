#pragma once

#include "core/domain/account.h"
#include "core/domain/audit.h"
#include "core/engine/engine.h"
#include "core/store/connection.h"

#include <cstdint>
#include <vector>

// The tables, one pair of functions each: how a value becomes a row and how a row becomes the value again.
namespace headgate::rows {

Result<std::uint64_t> readRevision(Connection& connection);
Result<void> writeRevision(Connection& connection, std::uint64_t revision);

Result<std::vector<StoredNodeGroup>> readNodeGroups(Connection& connection);
Result<void> putNodeGroup(Connection& connection, const StoredNodeGroup& stored);
Result<void> removeNodeGroup(Connection& connection, const NodeGroupName& name);

Result<std::vector<Node>> readNodes(Connection& connection);
Result<void> putNode(Connection& connection, const Node& node);
Result<void> removeNode(Connection& connection, const NodeId& id);

Result<std::vector<Account>> readAccounts(Connection& connection);
Result<void> putAccount(Connection& connection, const Account& account);

// Records below `before` (0 = all) whose text matches the LIKE pattern, newest first.
Result<std::vector<AuditRecord>> readAudit(Connection& connection, std::int64_t before, int limit,
                                           const QString& likePattern);
Result<std::int64_t> readLastAuditSequence(Connection& connection);
Result<void> appendAudit(Connection& connection, std::int64_t sequence, const AuditRecord& record);

}  // namespace headgate::rows
