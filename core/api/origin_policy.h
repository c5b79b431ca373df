#pragma once

#include "core/api/http_message.h"
#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// True for 127.0.0.0/8, ::1 and "localhost".
bool isLoopbackName(std::string_view host);

// Which names the server answers to and whose pages may call it: a page of a foreign site must reach us neither under
// its own name (DNS rebinding) nor across origins.
class OriginPolicy
{
public:
    OriginPolicy(std::vector<std::string> ownNames, std::vector<std::string> allowedOrigins);

    // PermissionDenied if Host is neither loopback nor ours.
    Result<void> checkHost(std::string_view hostHeader) const;

    // Loopback, our own host, or one of the allowed ones. An empty Origin is no page of a browser: allowed.
    bool isAllowed(std::string_view origin) const;

    // Access-Control-* fields for an allowed origin; always Vary.
    void decorate(const http::Request& request, http::Response& response) const;

private:
    bool isOwn(std::string_view host) const;

    std::vector<std::string> m_ownNames;
    std::vector<std::string> m_allowedOrigins;
};

}  // namespace headgate
