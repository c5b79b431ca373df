#pragma once

#include "core/domain/usage.h"
#include "core/store/connection.h"

namespace headgate::rows {

Result<TimePoint> readUsageUntil(StoreConnection& connection);

// Within a transaction of the caller.
Result<void> addUsage(StoreConnection& connection, const UsageIncrement& increment);

Result<UsageReport> readUsage(StoreConnection& connection, const UsageQuery& query);

}  // namespace headgate::rows
