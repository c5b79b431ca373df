#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// Plays the stream at an address for --seconds without a screen and tells what the console's player would show. Needs
// no control plane.
Outcome<void> runProbe(const Desk& desk);

}  // namespace headgate::ctl
