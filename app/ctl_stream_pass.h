#pragma once

#include "core/plane/ctl/commands.h"

#include <string>

namespace headgate::ctl {

// `url`, an address of `stream` at the target, with the control plane's pass for it where the group asks for tokens or
// a service.
Outcome<std::string> withPass(Session& session, RoutePurpose purpose, const RouteTarget& target,
                              const std::string& stream, const std::string& url);

}  // namespace headgate::ctl
