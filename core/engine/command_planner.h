#pragma once

#include "core/engine/model.h"

namespace headgate {

// Validates a wish against the model and works out the transaction, the differences and what will follow from it.
// A dry run has the outcome and an empty step. Errors as Engine::prepare.
Result<CommandStep> planCommand(const EngineModel& model, const CommandRequest& request, TimePoint now);

// What ETag and ifVersion are for a node: its row changes whenever its state does.
std::uint64_t versionOf(const Node& node);

}  // namespace headgate
