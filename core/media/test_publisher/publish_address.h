#pragma once

#include "core/media/net/socket.h"

#include <string>

namespace headgate {

// Where a publisher is to go.
struct PublishAddress
{
    bool isSecure = false;  // RTMPS
    std::string host;       // a name, or an address without brackets
    std::uint16_t port = 1935;
    std::string application;
    std::string name;  // with its query

    std::string server() const;  // "rtmp://host:port"
};

// rtmp:// or rtmps://host[:port]/scope/name. What stands before an @ is not used. InvalidArgument says what is wrong.
Result<PublishAddress> parsePublishAddress(const std::string& url);

// Asks the name service, which may take its time. Unavailable if it knows no such host.
Result<SocketAddress> resolve(const PublishAddress& address);

// "scope/name", without a query.
std::string streamPath(const std::string& url);

// Credentials may stand before the host and behind the question mark.
std::string withoutSecrets(const std::string& url);

}  // namespace headgate
