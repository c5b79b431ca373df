#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// Works out a plan document on this machine; needs no control plane.
Outcome<void> runPreview(const Desk& desk);

// The plan of the control plane, with a document imported into it if one is named.
Outcome<void> runStoredPreview(Session& session, const Desk& desk);

}  // namespace headgate::ctl
