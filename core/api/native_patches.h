#pragma once

#include "core/plane/engine_host.h"
#include "core/wire/native_routes.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace headgate {

// What stands where a patch is sent to: the document that a PUT there would have.
struct Present
{
    const native::RouteRow& replacement;  // the row of that PUT
    nlohmann::json document;
    std::optional<std::uint64_t> version;  // none: it has no version of its own
};

// What the caller sees of the control plane.
struct Sight
{
    SnapshotPtr snapshot;
    StoredPlanPtr plan;
    StoredProvisionsPtr provisions;  // of all groups
    std::string sealKey;             // of their secrets
};

// NotFound if there is nothing. `row` is one that patches.
Result<Present> presentAt(const native::RouteRow& row, const std::string& parameter, const Sight& sight);

}  // namespace headgate
