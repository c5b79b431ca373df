#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// Runs scenarios on this machine; needs no control plane.
Outcome<void> runSim(const Desk& desk);

}  // namespace headgate::ctl
