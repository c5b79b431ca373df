#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// Measures the node program on this machine, and saves what it found if it was told to.
Outcome<void> runBenchNode(const Desk& desk);

}  // namespace headgate::ctl
