#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate {

// RFC 4648, section 4, with padding.
std::string base64Encoded(std::string_view bytes);

// None if `text` is no base64.
std::optional<std::string> base64Decoded(std::string_view text);

}  // namespace headgate
