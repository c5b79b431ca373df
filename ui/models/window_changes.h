#pragma once

#include "ui/models/plan_outlook.h"

// Changes of one window of a schedule or overlay; the others stay as they were. Pure: any thread.
namespace headgate {

// The windows of a cron expression are none of their own: only those of a calendar can be left out or changed.
bool hasWindowsOfItsOwn(const PlanItem& item);

// The one that begins at `start`; none if none does, or it is left out.
std::optional<ItemWindow> windowAt(const CompiledPlans& plans, const PlanItem& item, Instant start);

// `occurrence` is left out from now on; changes of it are forgotten. The schedule is of a calendar.
Schedule withoutWindow(Schedule schedule, LocalTime occurrence);

// `window`, which has begun, ends at `at`; a second after its start at the earliest. A schedule is of a calendar.
PlanItem endedAt(PlanItem item, const ItemWindow& window, Instant at);

}  // namespace headgate
