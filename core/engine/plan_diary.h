#pragma once

#include "core/engine/step_writer.h"

// Tells in the audit trail when windows of the plan begin and end. Each beginning and end is told once, also over
// restarts and set clocks: what lies before EngineModel::planFollowedUntil was told.
namespace headgate::plan_diary {

constexpr Duration tolerated{10'000};         // one that is told later than this says how late it is
constexpr std::size_t mostMissedAtOnce = 20;  // of one group; older ones are told in one sentence

// After plan_book::refresh().
void advance(StepWriter& writer);

}  // namespace headgate::plan_diary
