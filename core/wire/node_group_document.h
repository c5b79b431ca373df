#pragma once

#include "core/base/result.h"
#include "core/domain/command.h"

#include <nlohmann/json.hpp>

namespace headgate::native {

// A node group with what of the plan changes with it: its members, and in "plan", which may be left out,
//   {"put": {a document of the plan without node groups}, "removed": [{"kind": "schedule", "id": "weekend"}]}.
// A replacement has the same document.
nlohmann::json toJson(const CreateNodeGroup& command);

// InvalidArgument with the JSON Pointer of the field.
Result<CreateNodeGroup> newNodeGroupFromJson(const nlohmann::json& json);

}  // namespace headgate::native
