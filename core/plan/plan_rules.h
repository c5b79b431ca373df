#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/zone_rules.h"

#include <vector>

namespace headgate {

// Every rule that a document must keep; all violations, each with the JSON Pointer of its field as the native document
// spells it ("/schedules/0/timing/zone"). Empty = acceptable. Subgroups and roles are checked where the group is there.
std::vector<Error> validate(const PlanDocument& document, const ZoneLoader& zones);

}  // namespace headgate
