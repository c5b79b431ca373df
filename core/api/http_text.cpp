#include "core/api/http_text.h"

#include <array>
#include <charconv>
#include <ctime>

namespace headgate::http {

Method methodFromText(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, Method>, 7> words = {{{"GET", Method::Get},
                                                                                  {"HEAD", Method::Head},
                                                                                  {"POST", Method::Post},
                                                                                  {"PUT", Method::Put},
                                                                                  {"PATCH", Method::Patch},
                                                                                  {"DELETE", Method::Delete},
                                                                                  {"OPTIONS", Method::Options}}};
    for (const auto& [word, method] : words) {
        if (word == text)
            return method;
    }
    return Method::Other;
}

std::string_view reasonPhrase(int status)
{
    static constexpr std::array<std::pair<int, std::string_view>, 28> phrases = {{
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    }};
    for (const auto& [number, phrase] : phrases) {
        if (number == status)
            return phrase;
    }
    return {};
}

void appendHead(std::string& out, const Response& response, std::string_view date, Persistence persistence)
{
    const auto appendNumber = [&out](auto number) {
        std::array<char, 24> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        out.append(digits.data(), end);
    };
    out += "HTTP/1.1 ";
    appendNumber(response.status);
    out.append(" ").append(reasonPhrase(response.status)).append("\r\nDate: ").append(date);
    const bool isEndless = persistence == Persistence::UntilClose;
    if (response.status != 204 && response.status != 304 && !isEndless) {
        out += "\r\nContent-Length: ";
        appendNumber(response.body.size());
    }
    if (!response.body.empty() || isEndless)
        out.append("\r\nContent-Type: ").append(response.contentType);
    bool isStorable = false;
    for (const auto& [name, value] : response.headers) {
        out.append("\r\n").append(name).append(": ").append(value);
        isStorable = isStorable || name == "Cache-Control";
    }
    if (!isStorable)
        out += "\r\nCache-Control: no-store";
    if (persistence != Persistence::KeepAlive)
        out += "\r\nConnection: close";
    out += "\r\nX-Content-Type-Options: nosniff\r\n\r\n";
}

std::string dateText()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    const auto length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), length};
}

}  // namespace headgate::http
