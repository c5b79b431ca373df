#include "core/media/http/reply.h"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace headgate::http_flv {

namespace {

// RFC 9110, 5.6.7.
std::string dateField()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[64];
    const std::size_t size = std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    return {text, size};
}

SharedBytes shared(const std::string& text)
{
    const ByteView view = viewOf(text);
    return std::make_shared<const Bytes>(view.begin(), view.end());
}

SharedBytes joined(std::string_view head, const std::vector<SharedBytes>& body)
{
    Bytes bytes(viewOf(head).begin(), viewOf(head).end());
    for (const SharedBytes& piece : body)
        appendView(bytes, *piece);
    return std::make_shared<const Bytes>(std::move(bytes));
}

std::string headOf(int status, std::string_view fields, std::size_t size)
{
    std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
    head += reasonOf(status);
    head += "\r\nAccess-Control-Allow-Origin: *\r\n";
    head += fields;
    if (status != 304)
        head += "Content-Length: " + std::to_string(size) + "\r\n";
    head += "\r\n";
    return head;
}

void sendBody(Connection& connection, const std::vector<SharedBytes>& body, ByteRange range)
{
    for (const SharedBytes& piece : body) {
        const std::size_t skipped = std::min(range.offset, piece->size());
        const std::size_t taken = std::min(range.size, piece->size() - skipped);
        if (taken > 0)
            connection.send(piece, skipped, taken, Keep::Always);
        range.offset -= skipped;
        range.size -= taken;
    }
}

bool isKnown(const Request& request, const Reply& reply)
{
    return !reply.etag.empty() && reply.status == 200 &&
           (request.ifNoneMatch == "*" || request.ifNoneMatch.find(reply.etag) != std::string::npos);
}

}  // namespace

std::string_view reasonOf(int status)
{
    switch (status) {
    case 101:
        return "Switching Protocols";
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 410:
        return "Gone";
    case 409:
        return "Conflict";
    case 412:
        return "Precondition Failed";
    case 416:
        return "Range Not Satisfiable";
    case 415:
        return "Unsupported Media Type";
    case 426:
        return "Upgrade Required";
    case 431:
        return "Request Header Fields Too Large";
    default:
        return "Service Unavailable";
    }
}

int statusOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidArgument:
        return 400;
    case ErrorCode::NotFound:
        return 404;
    case ErrorCode::Unauthenticated:
        return 401;
    case ErrorCode::PermissionDenied:
        return 403;
    case ErrorCode::Unsupported:
        return 406;
    case ErrorCode::AlreadyExists:
        return 409;
    default:
        return 503;
    }
}

std::string sentencesOf(const Error& error)
{
    return error.message + (error.remedy.empty() ? "" : " " + error.remedy) + "\n";
}

SharedReply makeReply(int status, std::string_view fields, std::vector<SharedBytes> body, std::string etag)
{
    auto reply = std::make_shared<Reply>();
    reply->status = status;
    reply->body = std::move(body);
    reply->etag = std::move(etag);
    for (const SharedBytes& piece : reply->body)
        reply->size += piece->size();
    reply->fields = dateField() + std::string(fields);
    if (!reply->etag.empty())
        reply->fields += "ETag: " + reply->etag + "\r\n";
    const std::string head = headOf(status, reply->fields, reply->size);
    reply->head = shared(head);
    // Thousands may wait for the same playlist, and each piece costs every one of them.
    constexpr std::size_t mostInOnePiece = 16 * 1024;
    if (reply->size <= mostInOnePiece)
        reply->whole = joined(head, reply->body);
    return reply;
}

SharedReply makeReply(const Error& error, std::string_view fields)
{
    const std::string common = "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
                               "Connection: close\r\n";
    return makeReply(statusOf(error.code), common + std::string(fields), {shared(sentencesOf(error))});
}

SharedReply makeReply(std::string_view fields, std::shared_ptr<BodySource> source, std::size_t size, std::string etag)
{
    auto reply = std::make_shared<Reply>();
    reply->source = std::move(source);
    reply->size = size;
    reply->etag = std::move(etag);
    reply->fields = dateField() + std::string(fields) + "ETag: " + reply->etag + "\r\n";
    reply->head = shared(headOf(reply->status, reply->fields, size));
    return reply;
}

std::optional<ByteRange> rangeOf(std::string_view field, std::size_t size)
{
    constexpr std::string_view unit = "bytes=";
    if (!field.starts_with(unit))
        return std::nullopt;
    field.remove_prefix(unit.size());
    const std::size_t dash = field.find('-');
    if (dash == std::string_view::npos)
        return std::nullopt;
    const auto number = [](std::string_view text) -> std::optional<std::size_t> {
        std::size_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool isWhole = error == std::errc() && end == text.data() + text.size();
        return isWhole ? std::optional(value) : std::nullopt;
    };
    const auto first = number(field.substr(0, dash));
    const auto last = number(field.substr(dash + 1));
    if (dash == 0 && last && *last > 0 && size > 0)
        return ByteRange{size - std::min(*last, size), std::min(*last, size)};
    const bool isOpenEnded = dash + 1 == field.size();
    if (!first || (!last && !isOpenEnded) || (last && *last < *first))
        return std::nullopt;
    if (*first >= size)
        return ByteRange{size, 0};
    return ByteRange{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

std::size_t sendReply(Connection& connection, const Request& request, const Reply& reply)
{
    const bool isHead = request.method == "HEAD";
    if (!request.ifNoneMatch.empty() && isKnown(request, reply)) {
        connection.send(shared(headOf(304, reply.fields, 0)));
        return 0;
    }
    if (reply.whole && request.range.empty() && !isHead) {
        connection.send(reply.whole);
        return 0;
    }
    // Who has a part of something else needs all of it.
    const bool isSame = request.ifRange.empty() || request.ifRange == reply.etag;
    const auto range = request.range.empty() || isHead || reply.status != 200 || !isSame
                           ? std::nullopt
                           : rangeOf(request.range, reply.size);
    const ByteRange sent = range.value_or(ByteRange{0, reply.size});
    if (range && range->size == 0) {
        connection.send(
            shared(headOf(416, reply.fields + "Content-Range: bytes */" + std::to_string(reply.size) + "\r\n", 0)));
        return 0;
    }
    if (range) {
        const std::string places = std::to_string(sent.offset) + "-" + std::to_string(sent.offset + sent.size - 1);
        const std::string field = "Content-Range: bytes " + places + "/" + std::to_string(reply.size) + "\r\n";
        connection.send(shared(headOf(206, reply.fields + field, sent.size)));
    } else {
        connection.send(reply.head);
    }
    if (isHead || sent.size == 0)
        return 0;
    if (!reply.source) {
        sendBody(connection, reply.body, sent);
        return 0;
    }
    reply.source->limitTo(sent);
    return sent.size;
}

}  // namespace headgate::http_flv
