#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate {

// What percent-encoded text stands for (RFC 3986, section 2.1); none if a percent sign has no two digits after it or
// stands for NUL.
std::optional<std::string> percentDecoded(std::string_view text);

}  // namespace headgate
