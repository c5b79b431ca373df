#pragma once

#include "core/engine/engine.h"
#include "core/store/connection.h"

#include <optional>
#include <string>
#include <vector>

// The tables of the plan, of regions and of deployments, as rows.h has the others.
namespace headgate::rows {

// The row of the control plane itself, but for its revision.
struct ControlPlaneRow
{
    std::uint64_t planRevision = 0;
    std::optional<TimePoint> planFollowedUntil;
    std::string defaultRegion;
    TokenKeys tokenKeys;
};
Result<ControlPlaneRow> readControlPlane(StoreConnection& connection);
Result<void> writePlanRevision(StoreConnection& connection, std::uint64_t revision);
Result<void> writePlanFollowedUntil(StoreConnection& connection, TimePoint until);
Result<void> writeDefaultRegion(StoreConnection& connection, const std::string& name);
Result<void> writeTokenKeys(StoreConnection& connection, const TokenKeys& keys);

Result<std::vector<StoredPlanItem>> readPlanItems(StoreConnection& connection);
Result<void> putPlanItem(StoreConnection& connection, const StoredPlanItem& stored);
Result<void> removePlanItem(StoreConnection& connection, const PlanItemKey& key);

Result<std::vector<StoredRegion>> readRegions(StoreConnection& connection);
Result<void> putRegion(StoreConnection& connection, const StoredRegion& stored);
Result<void> removeRegion(StoreConnection& connection, const std::string& name);

Result<std::vector<StoredDeployment>> readDeployments(StoreConnection& connection);
Result<void> putDeployment(StoreConnection& connection, const StoredDeployment& stored);
Result<void> removeDeployment(StoreConnection& connection, const std::string& name);

}  // namespace headgate::rows
