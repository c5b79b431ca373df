#pragma once

#include "core/engine/plan_draft.h"

#include <optional>

namespace headgate {

struct Outlook
{
    PlanOutcome outcome;
    // Of an overlay that the draft writes: another one of its priority sets other bounds at the same time.
    std::optional<PlanFinding> contradiction;
};

// What a draft that keeps the rules leads to. As long as it takes to preview each group that it concerns twice.
Outlook outlook(const EngineModel& model, const PlanDraft& draft, TimePoint now);

}  // namespace headgate
