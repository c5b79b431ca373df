#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/zone_rules.h"

#include <string>
#include <vector>

namespace headgate {

// Something of a plan that breaks a rule.
struct UnfitItem
{
    PlanItemKey key;
    std::string why;  // a sentence

    bool operator==(const UnfitItem&) const = default;
};

// Takes the items out that break a rule, then those that break one without them, until validate() finds no fault with
// the items that are left. Sorted by key.
std::vector<UnfitItem> takeOutUnfit(PlanDocument& document, const ZoneLoader& zones);

}  // namespace headgate
