#pragma once

#include "core/base/result.h"
#include "core/provider/process_identity.h"

#include <string>
#include <vector>

namespace headgate {

struct Program
{
    std::string path;
    std::vector<std::string> arguments;  // without the program itself
    std::string logFile;                 // standard output and error are appended to it
};

// Starts a process that does not depend on this one: own session, nothing on standard input, no other descriptor of
// ours, default signals, root as its directory. It is a child only so that its end can be told with the reason;
// ours does not touch it.
Result<ProcessIdentity> spawnDetached(const Program& program);

}  // namespace headgate
