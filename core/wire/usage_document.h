#pragma once

#include "core/base/result.h"
#include "core/domain/usage.h"

#include <nlohmann/json.hpp>

namespace headgate::native {

// {"rows":[{"day":"2027-06-26","deployment","role","nodeSeconds","bytesIn","bytesOut","bytesDelivered"}],
// "countedUntil"}
nlohmann::json toJson(const UsageReport& report);
Result<UsageReport> usageReportFromJson(const nlohmann::json& json);

}  // namespace headgate::native
