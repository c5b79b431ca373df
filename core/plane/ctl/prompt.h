#pragma once

#include "core/plane/ctl/session.h"

#include <string>

namespace headgate::ctl {

// Questions to the person at the terminal; WrongUsage with `instead` as the remedy if nobody sits there.
Outcome<std::string> ask(const std::string& question, const std::string& instead);
Outcome<std::string> askSecret(const std::string& question, const std::string& instead);

}  // namespace headgate::ctl
