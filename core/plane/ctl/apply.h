#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

Outcome<void> runApply(Session& session, const Desk& desk);
Outcome<void> runDelete(Session& session, const Desk& desk);

// Drain, undrain and stop.
Outcome<void> runNodeCommand(Session& session, const Desk& desk);

Outcome<void> runDisconnect(Session& session, const Desk& desk);

}  // namespace headgate::ctl
