#pragma once

#include "core/engine/plan_book.h"
#include "core/engine/plan_draft.h"

#include <optional>
#include <vector>

namespace headgate {

struct Outlook
{
    PlanOutcome outcome;
    // Of an overlay that the draft writes: another one of its priority sets other bounds at the same time.
    std::optional<PlanFinding> contradiction;
    std::vector<GroupOrder> orders;  // what the groups that it concerns would have now
    std::optional<Instant> until;    // what comes later was not looked at, for it would be too much work
};

// What a draft that keeps the rules leads to, as far as a bounded effort shows it.
Outlook outlook(const EngineModel& model, const PlanDraft& draft, TimePoint now);

}  // namespace headgate
