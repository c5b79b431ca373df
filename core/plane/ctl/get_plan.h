#pragma once

#include "core/plane/ctl/commands.h"

#include <optional>

namespace headgate::ctl {

// Schedules, overlays and what belongs to them, regions and deployments; none if `get` was asked for something else.
std::optional<Outcome<void>> runGetPlan(Session& session, const Desk& desk);

// "schedule" or "schedules", and so on; none for other words.
std::optional<PlanItemKind> planItemKindOf(const std::string& word);

}  // namespace headgate::ctl
