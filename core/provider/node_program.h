#pragma once

#include "core/base/result.h"

#include <string>

namespace headgate {

// Absolute path of headgate-node: the environment's HEADGATE_NODE_PROGRAM, else beside the running program, else along
// PATH. NotFound says where it was looked for.
Result<std::string> findNodeProgram();

}  // namespace headgate
