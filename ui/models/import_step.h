#pragma once

#include "core/domain/snapshot.h"
#include "ui/models/plan_history.h"

namespace headgate {

// All that differs between two states of the plan, of what `document` has. `fileName` is for people.
ImportStep importStep(const QString& fileName, const PlanDocument& document, const PlanGround& before,
                      const PlanGround& after);

// The other way.
ImportStep reversed(const ImportStep& step);

// What makes `step.after` of `present`, in the order in which it keeps the rules; what is like that already is left
// out. Conflict with the name of the first thing that is neither as before nor as after the step: somebody changed it.
Result<std::vector<PlanWish>> wishesFor(const ImportStep& step, const PlanGround& present);

}  // namespace headgate
