#pragma once

#include "core/engine/route_search.h"

namespace headgate {

// What the search finds for a request that passed its check(), in words: regions with their scores, then every node
// with its values, those that are full or not in service last. Each number is one that the search decides by.
RouteExplanation explained(RouteSearch& search, const Inquiry& inquiry);

// Of a request that did not: the nodes alone, none of which is given.
RouteExplanation rejected(RouteSearch& search, const Inquiry& inquiry);

}  // namespace headgate
