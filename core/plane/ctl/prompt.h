#pragma once

#include "core/plane/ctl/session.h"

#include <string>

namespace headgate::ctl {

// Questions to the person at the terminal; WrongUsage with `instead` as the remedy if nobody sits there.
Outcome<std::string> ask(const std::string& question, const std::string& instead);
Outcome<std::string> askSecret(const std::string& question, const std::string& instead);

// Of --password-file, or asked for; a new one twice.
Outcome<std::string> password(const Arguments& arguments);
Outcome<std::string> newPassword(const Arguments& arguments);

}  // namespace headgate::ctl
