#pragma once

#include "core/media/net/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace headgate::http_flv {

struct Request
{
    std::string method;
    std::string path;  // decoded, without query
    std::string query;
    bool isHttp11 = false;
    bool wantsWebSocket = false;  // asks for the upgrade
    std::string webSocketKey;     // as sent; empty if there is none or more than one
    std::string webSocketVersion;
    std::string authorization;
    std::string userAgent;
};

// Reads the head of one HTTP/1.0 or 1.1 request (RFC 9112), at most 16 KiB of it. A body is not read: nothing here
// takes one.
class RequestReader
{
public:
    enum class State
    {
        NeedsMore,
        Complete,
        Malformed,
        TooLarge
    };

    State append(ByteView bytes);
    const Request& request() const { return m_request; }  // when Complete

private:
    State parse(std::string_view head);
    bool readFields(std::string_view fields);
    void readField(std::string_view name, std::string_view value);

    std::string m_buffer;
    Request m_request;
};

}  // namespace headgate::http_flv
