#pragma once

#include "core/domain/command.h"

#include <vector>

namespace headgate {

// The node groups that a command writes, to change them in place.
std::vector<NodeGroup*> groupsWrittenBy(Command& command);

}  // namespace headgate
