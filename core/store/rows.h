#pragma once

#include "core/domain/account.h"
#include "core/domain/audit.h"
#include "core/engine/engine.h"
#include "core/store/connection.h"

#include <cstdint>
#include <vector>

// The tables, one pair of functions each: how a value becomes a row and how a row becomes the value again.
namespace headgate::rows {

Result<std::uint64_t> readRevision(StoreConnection& connection);
Result<void> writeRevision(StoreConnection& connection, std::uint64_t revision);

Result<std::vector<StoredNodeGroup>> readNodeGroups(StoreConnection& connection);
Result<void> putNodeGroup(StoreConnection& connection, const StoredNodeGroup& stored);
Result<void> removeNodeGroup(StoreConnection& connection, const NodeGroupName& name);

Result<std::vector<Node>> readNodes(StoreConnection& connection);
Result<void> putNode(StoreConnection& connection, const Node& node);
Result<void> removeNode(StoreConnection& connection, const NodeId& id);

Result<std::vector<StoredNodeImage>> readNodeImages(StoreConnection& connection);
Result<void> putNodeImage(StoreConnection& connection, const StoredNodeImage& stored);
Result<void> removeNodeImage(StoreConnection& connection, const std::string& name);

Result<StoredProvisions> readProvisions(StoreConnection& connection);
Result<void> putProvision(StoreConnection& connection, const StoredProvision& stored);
Result<void> removeProvision(StoreConnection& connection, const ProvisionKey& key);

// Records below `before` (0 = all) whose text matches the LIKE pattern, newest first.
Result<std::vector<AuditRecord>> readAudit(StoreConnection& connection, std::int64_t before, int limit,
                                           const QString& likePattern);
Result<std::int64_t> readLastAuditSequence(StoreConnection& connection);

}  // namespace headgate::rows
