#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// Copies node groups, overlays and provisions of a running Stream Manager: what is not there is made, what is there is
// replaced, nothing is deleted. What changes is told first; a dry run ends there.
Outcome<void> runMigration(Session& session, const Desk& desk);

}  // namespace headgate::ctl
