#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// Tells what changes in the cluster, a line each, until --for is over, --count lines are told, or for ever. A
// connection that is lost is made again and goes on where it was.
Outcome<void> runWatch(Session& session, const Desk& desk);

}  // namespace headgate::ctl
