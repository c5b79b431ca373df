#pragma once

#include "core/domain/command.h"
#include "core/wire/native_image_fields.h"

// What a change of the plan leads to, as in native_fields.h.
namespace headgate::native {

void describe(auto& f, Either<PoolKey> auto& key)
{
    f.required("nodeGroup", key.nodeGroup);
    f.required("subgroup", key.subgroup);
    f.required("role", key.role);
}

void describe(auto& f, Either<PlanWindow> auto& window)
{
    f.required("id", window.id);
    f.required("start", window.start);
    f.required("end", window.end);
}

void describe(auto& f, Either<PlanChange> auto& change)
{
    f.required("pool", change.pool);
    f.required("start", change.start);
    f.required("end", change.end);
    f.required("wasActive", change.wasActive);
    f.required("minBefore", change.minBefore);
    f.required("maxBefore", change.maxBefore);
    f.required("isActive", change.isActive);
    f.required("minAfter", change.minAfter);
    f.required("maxAfter", change.maxAfter);
}

void describe(auto& f, Either<PlanFinding> auto& finding)
{
    f.required("code", finding.code);
    f.required("start", finding.start);
    f.required("end", finding.end);
    f.required("sentence", finding.sentence);
}

void describe(auto& f, Either<PlanOutcome> auto& outcome)
{
    f.required("itemId", outcome.itemId);
    f.required("windows", outcome.windows);
    f.required("changes", outcome.changes);
    f.required("findings", outcome.findings);
}

}  // namespace headgate::native
