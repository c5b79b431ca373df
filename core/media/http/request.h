#pragma once

#include "core/media/hub/access_pass.h"
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
    std::string range;
    std::string ifRange;
    std::string ifNoneMatch;
    std::string contentType;
    std::string ifMatch;
    bool isPreflight = false;  // a browser asks whether its page may call
    std::size_t bodySize = 0;  // as announced
    std::string body;          // of POST and PATCH
    bool isLast = false;       // the client closes after it
    bool hasUnread = false;    // a body of another kind: what follows is no request
};

// The value of a member of "a=b&c=d", as it stands there; none if it is absent.
std::optional<std::string_view> queryMember(std::string_view query, std::string_view name);

// What the request's query and Authorization field show.
Credentials credentialsOf(const Request& request);

// Reads HTTP/1.0 and 1.1 requests (RFC 9112), one after the other: at most 16 KiB of each head, and of POST and PATCH a
// body of at most 64 KiB with its length.
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

    // While a request is Complete, what comes is kept for next(): TooLarge if that gets more than 16 KiB.
    State append(ByteView bytes);
    const Request& request() const { return m_request; }  // when Complete

    // The request is dealt with; the one after it, as far as it came.
    State next();

private:
    State read(std::size_t searchFrom);
    State readBody();
    State parse(std::string_view head);
    bool readFields(std::string_view fields);
    bool readField(std::string_view name, std::string_view value);
    bool readLength(std::string_view value);

    std::string m_buffer;
    std::size_t m_bodyStart = 0;  // 0 until the head is read
    std::size_t m_end = 0;        // of the complete request in the buffer; 0: there is none
    Request m_request;
};

}  // namespace headgate::http_flv
