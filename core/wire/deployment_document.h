#pragma once

#include "core/base/result.h"
#include "core/domain/command.h"

#include <nlohmann/json.hpp>

namespace headgate::native {

// A deployment with what it begins with: its members, and in "content" a document of the plan.
nlohmann::json toJson(const CreateDeployment& command);

// InvalidArgument with the JSON Pointer of the field. Without "content" it begins with nothing.
Result<CreateDeployment> newDeploymentFromJson(const nlohmann::json& json);

}  // namespace headgate::native
