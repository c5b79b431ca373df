#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

Outcome<void> runUsage(Session& session, const Desk& desk);

}  // namespace headgate::ctl
