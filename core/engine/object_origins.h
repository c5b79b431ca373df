#pragma once

#include "core/engine/model.h"

namespace headgate::object_origins {

// Of all that the transaction makes: objects that are there keep theirs, others get one.
void stamp(const EngineModel& model, const CommandRequest& request, TimePoint now, Transaction& transaction);

}  // namespace headgate::object_origins
