#pragma once

#include "core/plane/ctl/commands.h"

namespace headgate::ctl {

// Publishes the test picture until Ctrl+C or the end of --duration. A publisher that loses its origin asks again where
// to go.
Outcome<void> runPublishTest(const Desk& desk);

}  // namespace headgate::ctl
