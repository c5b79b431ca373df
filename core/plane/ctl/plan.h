#pragma once

#include "core/plane/ctl/commands.h"

#include <nlohmann/json.hpp>

#include <string>

// Commands that change the plan and deployments.
namespace headgate::ctl {

// Whether a document is one of the plan and not of node groups alone.
bool isPlanDocument(const nlohmann::json& document);

// Creates a deployment with its content, the same document as POST /api/v1/deployments takes.
Outcome<void> applyDeployment(Session& session, const Desk& desk, const nlohmann::json& document,
                              const std::string& file);

// Imports a native document of the plan.
Outcome<void> applyPlan(Session& session, const Desk& desk, const nlohmann::json& document, const std::string& file);

// Adds or replaces a region of one's own.
Outcome<void> applyRegion(Session& session, const Desk& desk, const nlohmann::json& document, const std::string& file);

// The default region.
Outcome<void> runSet(Session& session, const Desk& desk);

// A manual scale: an overlay that ends by itself.
Outcome<void> runScale(Session& session, const Desk& desk);

// start, stop and restart of a deployment.
Outcome<void> runDeploymentPower(Session& session, const Desk& desk);

}  // namespace headgate::ctl
