#pragma once

#include "core/api/http_message.h"

#include <string_view>

namespace headgate {

// The page on which a person reads and tries the Stream Manager calls. It loads nothing but the descriptions of this
// server, and its token is kept in the page alone.
bool isApiBrowserPath(std::string_view path);
http::Response apiBrowserPage();

}  // namespace headgate
