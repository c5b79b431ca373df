#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// The plan with its node groups, or one node group, as a file.
Outcome<void> runExport(Session& session, const Desk& desk);

Outcome<void> runImport(Session& session, const Desk& desk);

}  // namespace headgate::ctl
