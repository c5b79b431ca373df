#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// One call of the native interface or of the Stream Manager dialect, as it is named.
Outcome<void> runCall(Session& session, const Desk& desk);

}  // namespace headgate::ctl
