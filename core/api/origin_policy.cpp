#include "core/api/origin_policy.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace headgate {

namespace {

// "[::1]:5080" -> "::1", "localhost:5080" -> "localhost".
std::string_view withoutPort(std::string_view authority)
{
    if (authority.starts_with('['))
        return authority.substr(1, std::min(authority.find(']'), authority.size()) - 1);
    return authority.substr(0, authority.find(':'));
}

bool isByte(std::string_view text)
{
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && text.size() <= 3 && number >= 0 && number < 256;
}

bool isIpv4(std::string_view text)
{
    int parts = 0;
    while (true) {
        const auto dot = text.find('.');
        if (!isByte(text.substr(0, dot)))
            return false;
        ++parts;
        if (dot == std::string_view::npos)
            return parts == 4;
        text.remove_prefix(dot + 1);
    }
}

}  // namespace

bool isLoopbackName(std::string_view host)
{
    return host == "localhost" || host == "::1" || (host.starts_with("127.") && isIpv4(host));
}

OriginPolicy::OriginPolicy(std::vector<std::string> ownNames, std::vector<std::string> allowedOrigins)
    : m_ownNames(std::move(ownNames)), m_allowedOrigins(std::move(allowedOrigins))
{}

bool OriginPolicy::isOwn(std::string_view host) const
{
    return std::ranges::find(m_ownNames, host) != m_ownNames.end() || isLoopbackName(host);
}

Result<void> OriginPolicy::checkHost(std::string_view hostHeader) const
{
    if (isOwn(withoutPort(hostHeader)))
        return {};
    return fail(ErrorCode::PermissionDenied, "This server does not answer to the host name in the request.",
                "Call it as 127.0.0.1, localhost or the address it listens on, or start it with --host-name.");
}

bool OriginPolicy::isAllowed(std::string_view origin) const
{
    if (origin.empty() || std::ranges::find(m_allowedOrigins, origin) != m_allowedOrigins.end())
        return true;
    const auto scheme = origin.find("://");
    if (scheme == std::string_view::npos)
        return false;
    return isOwn(withoutPort(origin.substr(scheme + 3)));
}

void OriginPolicy::decorate(const http::Request& request, http::Response& response) const
{
    if (request.origin.empty())
        return;
    response.headers.emplace_back("Vary", "Origin");
    if (!isAllowed(request.origin))
        return;
    response.headers.emplace_back("Access-Control-Allow-Origin", request.origin);
    response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
    response.headers.emplace_back(
        "Access-Control-Expose-Headers",
        "ETag, Location, X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, Link, Session-Host, Headgate-Notes, "
        "Headgate-Ticket, Headgate-Ahead");
    if (request.preflightMethod.empty())
        return;
    response.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, "
                                  "Last-Event-ID, X-Request-Id");
    response.headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace headgate
