#pragma once

#include "core/api/http_message.h"

#include <optional>
#include <string_view>

namespace headgate {

// The pages for people in browsers, which need no token and call the interfaces themselves: the calls of Stream Manager
// at /swagger-ui.html, and publishing and watching by WebRTC at /test/. None if `path` is none of theirs.
std::optional<http::Response> webPage(std::string_view path);

}  // namespace headgate
