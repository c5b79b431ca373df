#pragma once

#include "core/base/result.h"

#include <string>

namespace headgate {

// Path of the Unix socket on which the nodes of a data directory find their control plane: agent.sock in it, or, when
// that is longer than a socket address may be, in a directory of our own below /tmp whose name follows from
// dataDir alone, so that running nodes find it again after a restart. Both directories are closed to other users.
// Unavailable if someone else has made that directory.
Result<std::string> agentSocketPath(const std::string& dataDir);

}  // namespace headgate
