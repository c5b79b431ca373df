#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// Fetches a recording as one file, or as several where its format changes within, from a node that serves it.
Outcome<void> runDownload(const Desk& desk);

}  // namespace headgate::ctl
