#include "core/media/test_publisher/publish_address.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <memory>

namespace headgate {

namespace {

constexpr std::uint16_t rtmpPort = 1935;
constexpr std::uint16_t rtmpsPort = 443;

// "host", "host:port", "[v6]" or "[v6]:port".
Result<void> parsePlace(std::string_view place, PublishAddress& address)
{
    const bool isBracketed = place.starts_with('[');
    const std::size_t end = isBracketed ? place.find(']') : place.find(':');
    if (isBracketed && end == std::string_view::npos)
        return fail(ErrorCode::InvalidArgument, "The address of the host has no closing bracket.");
    address.host = place.substr(isBracketed ? 1 : 0, end == std::string_view::npos ? end : end - (isBracketed ? 1 : 0));
    if (address.host.empty())
        return fail(ErrorCode::InvalidArgument, "The URL names no host.");
    std::string_view port =
        end == std::string_view::npos ? std::string_view() : place.substr(end + (isBracketed ? 1 : 0));
    if (port.empty())
        return {};
    port.remove_prefix(1);
    const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc() || rest != port.data() + port.size() || address.port == 0)
        return fail(ErrorCode::InvalidArgument, "The port \"" + std::string(port) + "\" is no number from 1 to 65535.");
    return {};
}

}  // namespace

std::string PublishAddress::server() const
{
    const bool isIpv6 = host.find(':') != std::string::npos;
    return (isSecure ? "rtmps://" : "rtmp://") + (isIpv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<PublishAddress> parsePublishAddress(const std::string& url)
{
    PublishAddress address;
    address.isSecure = url.starts_with("rtmps://");
    if (!address.isSecure && !url.starts_with("rtmp://"))
        return fail(ErrorCode::InvalidArgument, "The URL begins with neither rtmp:// nor rtmps://.");
    address.port = address.isSecure ? rtmpsPort : rtmpPort;
    const std::string_view rest = std::string_view(url).substr(url.find("://") + 3);
    const std::size_t slash = rest.find('/');
    const std::size_t last = rest.substr(0, rest.find('?')).rfind('/');
    if (slash == std::string_view::npos || last == slash || last + 1 == rest.size())
        return fail(ErrorCode::InvalidArgument, "The URL does not name scope and stream, like /live/show.");
    std::string_view place = rest.substr(0, slash);
    if (const std::size_t at = place.rfind('@'); at != std::string_view::npos)
        place.remove_prefix(at + 1);
    address.application = rest.substr(slash + 1, last - slash - 1);
    address.name = rest.substr(last + 1);
    if (const auto placed = parsePlace(place, address); !placed)
        return tl::unexpected(placed.error());
    return address;
}

Result<SocketAddress> resolve(const PublishAddress& address)
{
    addrinfo wish{};
    wish.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(address.host.c_str(), nullptr, &wish, &list); error != 0)
        return fail(ErrorCode::Unavailable,
                    "The host " + address.host + " was not found: " + ::gai_strerror(error) + ".", "Check the name.");
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(list, &::freeaddrinfo);
    std::array<char, NI_MAXHOST> literal{};
    if (const int error = ::getnameinfo(found->ai_addr, found->ai_addrlen, literal.data(), literal.size(), nullptr, 0,
                                        NI_NUMERICHOST);
        error != 0)
        return fail(ErrorCode::Unavailable,
                    "The host " + address.host + " has no address: " + ::gai_strerror(error) + ".");
    return SocketAddress{literal.data(), address.port, {}};
}

std::string streamPath(const std::string& url)
{
    const std::size_t scheme = url.find("://");
    const std::size_t slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    if (slash == std::string::npos)
        return url;
    const std::string path = url.substr(slash + 1);
    return path.substr(0, path.find('?'));
}

std::string withoutSecrets(const std::string& url)
{
    std::string text = url.substr(0, url.find('?'));
    const std::size_t scheme = text.find("://");
    const std::size_t at = text.find('@');
    if (scheme != std::string::npos && at != std::string::npos && at < text.find('/', scheme + 3))
        text.erase(scheme + 3, at - scheme - 2);
    return text;
}

}  // namespace headgate
