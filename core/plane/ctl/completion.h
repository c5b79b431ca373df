#pragma once

#include "core/plane/ctl/commands.h"

#include <string>

namespace headgate::ctl {

// Scripts by which shells complete the command line of headgatectl, made from its table.
std::string bashCompletion();
std::string zshCompletion();

Outcome<void> runCompletion(const Desk& desk);

}  // namespace headgate::ctl
