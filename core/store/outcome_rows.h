#pragma once

#include "core/domain/kept_outcome.h"
#include "core/store/connection.h"

#include <optional>

// Outcomes of commands that are carried out once, kept for OnceKey::lifetime.
namespace headgate::rows {

// ResourceExhausted if there is none under this key and no more can be kept.
Result<std::optional<KeptOutcome>> readOutcome(StoreConnection& connection, const OnceKey& key, TimePoint now);

// Removes some of those whose time is over, so that no commit has to remove many.
Result<void> keepOutcome(StoreConnection& connection, const OnceKey& key, const CommandOutcome& outcome, TimePoint now);

}  // namespace headgate::rows
