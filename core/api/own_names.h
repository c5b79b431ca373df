#pragma once

#include <string>
#include <vector>

namespace headgate {

// By what a server that listens on `address` is called: loopback, the address, what the operator says (`more`), and
// beyond loopback the name of the machine, and all its addresses if it listens on all (0.0.0.0 or ::). In order,
// each once.
std::vector<std::string> ownNames(const std::string& address, const std::vector<std::string>& more);

// 0.0.0.0 or ::
bool isAnyAddress(const std::string& address);

}  // namespace headgate
