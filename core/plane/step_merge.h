#pragma once

#include "core/engine/engine.h"

namespace headgate {

// Adds `step` behind `pending`, so that one commit and one round of effects do the work of both. Of several rows of one
// object and of several messages of one kind to one node only the last remains, which bounds `pending` while the store
// takes nothing.
void append(Step& pending, Step step);

}  // namespace headgate
