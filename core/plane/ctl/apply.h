#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// A file, or all *.json files of a directory in the order of what needs what; of those what would change is shown
// first, and nothing is applied if one of them is wrong.
Outcome<void> runApply(Session& session, const Desk& desk);

// What apply would do; Differs if that is something.
Outcome<void> runDiff(Session& session, const Desk& desk);

Outcome<void> runDelete(Session& session, const Desk& desk);

// Drain, undrain and stop.
Outcome<void> runNodeCommand(Session& session, const Desk& desk);

Outcome<void> runDisconnect(Session& session, const Desk& desk);

}  // namespace headgate::ctl
