#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// One stream as its nodes tell: tracks, timing, hops, viewers.
Outcome<void> runGetStream(Session& session, const Desk& desk);

}  // namespace headgate::ctl
