#pragma once

#include "core/plane/ctl/commands.h"

#include <string>

// What commands did, or would do, as text.
namespace headgate::ctl {

Execution executionOf(const Arguments& arguments);

// Of --if-match; none if it was not given.
Outcome<std::optional<std::uint64_t>> wantedVersion(const Arguments& arguments);

// `what` is the first line of the table; the JSON is the outcome as it came.
void printOutcome(const Desk& desk, const std::string& what, const CommandOutcome& outcome);

}  // namespace headgate::ctl
