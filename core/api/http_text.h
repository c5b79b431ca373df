#pragma once

#include "core/api/http_message.h"

#include <string>
#include <string_view>

// The written side of HTTP/1.1: small and without the parsing library.
namespace headgate::http {

enum class Persistence
{
    KeepAlive,
    Close,
    UntilClose  // the body is what comes until the connection closes
};

Method methodFromText(std::string_view text);

// "404" -> "Not Found"; "" for a status that we never send.
std::string_view reasonPhrase(int status);

// Status line and header fields with the empty line after them.
void appendHead(std::string& out, const Response& response, std::string_view date, Persistence persistence);

// The present instant as the Date field wants it: "Sat, 21 Nov 2026 01:48:25 GMT".
std::string dateText();

}  // namespace headgate::http
