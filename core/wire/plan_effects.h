#pragma once

#include "core/domain/plan_document.h"

#include <string>

// What the parts of a plan do, as files for people say it: "active, min 2, max 8".
namespace headgate {

std::string effectText(const ScheduleEffect& effect);
std::string effectText(const OverlayOperator& op);

// "live", "live/eu-west", "live/eu-west/edge"; what is left out is "*".
std::string scopeText(const PlanScope& scope);

}  // namespace headgate
