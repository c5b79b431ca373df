#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// Works out a plan document on this machine; needs no control plane.
Outcome<void> runPreview(const Desk& desk);

}  // namespace headgate::ctl
