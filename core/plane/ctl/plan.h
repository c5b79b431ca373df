#pragma once

#include "core/plane/ctl/commands.h"

#include <nlohmann/json.hpp>

#include <string>

// Commands that change the plan and deployments.
namespace headgate::ctl {

// Whether a document is one of the plan and not of node groups alone.
bool isPlanDocument(const nlohmann::json& document);

// A document to apply, or to show what applying it would do.
struct Sheet
{
    nlohmann::json document;
    std::string file;
    Execution execution = Execution::Commit;
};

// Whether what is there is (or was) another than the document's.
enum class Difference
{
    None,
    Some
};

Difference differenceIn(const CommandOutcome& outcome);

// Creates a deployment with its content, the same document as POST /api/v1/deployments takes.
Outcome<Difference> applyDeployment(Session& session, const Desk& desk, const Sheet& sheet);

// Imports a native document of the plan.
Outcome<Difference> applyPlan(Session& session, const Desk& desk, const Sheet& sheet);

// Adds or replaces a region of one's own.
Outcome<Difference> applyRegion(Session& session, const Desk& desk, const Sheet& sheet);

// The default region.
Outcome<void> runSet(Session& session, const Desk& desk);

// A manual scale: an overlay that ends by itself.
Outcome<void> runScale(Session& session, const Desk& desk);

// start, stop and restart of a deployment.
Outcome<void> runDeploymentPower(Session& session, const Desk& desk);

}  // namespace headgate::ctl
