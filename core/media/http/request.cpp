#include "core/media/http/request.h"

#include "core/media/net/percent_text.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace headgate::http_flv {

namespace {

constexpr std::size_t largestHead = 16 * 1024;
constexpr std::size_t largestBody = 64 * 1024;

bool isTokenCharacter(char c)
{
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || others.find(c) != std::string_view::npos;
}

bool isToken(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter);
}

bool isVisible(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool isSame(std::string_view text, std::string_view lowerCase)
{
    return std::equal(text.begin(), text.end(), lowerCase.begin(), lowerCase.end(),
                      [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::optional<std::string_view> queryMember(std::string_view query, std::string_view name)
{
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view member = query.substr(0, end);
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
        if (member.starts_with(name) && member.size() > name.size() && member[name.size()] == '=')
            return member.substr(name.size() + 1);
    }
    return std::nullopt;
}

Credentials credentialsOf(const Request& request)
{
    constexpr std::string_view scheme = "Bearer ";
    Credentials credentials;
    readCredentials(request.query, credentials);
    if (request.authorization.starts_with(scheme))
        credentials.token = request.authorization.substr(scheme.size());
    return credentials;
}

RequestReader::State RequestReader::append(ByteView bytes)
{
    const std::size_t searchFrom = m_buffer.size() < 3 ? 0 : m_buffer.size() - 3;
    m_buffer.append(textOf(bytes));
    if (m_end != 0)
        return m_buffer.size() - m_end > largestHead ? State::TooLarge : State::Complete;
    return m_bodyStart != 0 ? readBody() : read(searchFrom);
}

RequestReader::State RequestReader::next()
{
    m_buffer.erase(0, m_end);
    m_bodyStart = m_end = 0;
    m_request = {};
    return read(0);
}

RequestReader::State RequestReader::read(std::size_t searchFrom)
{
    constexpr std::string_view headEnd = "\r\n\r\n";
    const std::size_t end = std::string_view(m_buffer).substr(0, largestHead + 1).find(headEnd, searchFrom);
    if (end == std::string::npos)
        return m_buffer.size() > largestHead ? State::TooLarge : State::NeedsMore;
    m_bodyStart = end + headEnd.size();
    const State state = parse(std::string_view(m_buffer).substr(0, end));
    return state == State::Complete ? readBody() : state;
}

RequestReader::State RequestReader::readBody()
{
    if (m_request.method != "POST" && m_request.method != "PATCH") {
        m_request.hasUnread = m_request.hasUnread || m_request.bodySize > 0;
        m_end = m_bodyStart;
        return State::Complete;
    }
    if (m_request.bodySize > largestBody)
        return State::TooLarge;
    if (m_buffer.size() - m_bodyStart < m_request.bodySize)
        return State::NeedsMore;
    m_request.body = m_buffer.substr(m_bodyStart, m_request.bodySize);
    m_end = m_bodyStart + m_request.bodySize;
    return State::Complete;
}

RequestReader::State RequestReader::parse(std::string_view head)
{
    const std::size_t lineEnd = head.find("\r\n");
    const std::string_view line = head.substr(0, lineEnd);
    const std::string_view fields = lineEnd == std::string_view::npos ? "" : head.substr(lineEnd + 2);
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return State::Malformed;
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!isToken(method) || !target.starts_with('/') || !isVisible(target) || !readFields(fields) ||
        (version != "HTTP/1.1" && version != "HTTP/1.0"))
        return State::Malformed;
    const std::size_t question = target.find('?');
    const auto path = percentDecoded(target.substr(0, question));
    if (!path)
        return State::Malformed;
    m_request.method = method;
    m_request.path = *path;
    m_request.query = question == std::string_view::npos ? "" : target.substr(question + 1);
    m_request.isHttp11 = version == "HTTP/1.1";
    return State::Complete;
}

// All have to be well-formed; few of them change what is served.
bool RequestReader::readFields(std::string_view fields)
{
    while (!fields.empty()) {
        const std::size_t end = fields.find("\r\n");
        const std::string_view line = fields.substr(0, end);
        fields.remove_prefix(end == std::string_view::npos ? fields.size() : end + 2);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !isToken(line.substr(0, colon)))
            return false;
        if (!readField(line.substr(0, colon), trimmed(line.substr(colon + 1))))
            return false;
    }
    return true;
}

bool RequestReader::readLength(std::string_view value)
{
    const char* const end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, m_request.bodySize);
    return read.ec == std::errc{} && read.ptr == end;
}

bool RequestReader::readField(std::string_view name, std::string_view value)
{
    if (isSame(name, "upgrade"))
        m_request.wantsWebSocket = isSame(value, "websocket");
    else if (isSame(name, "sec-websocket-key"))
        m_request.webSocketKey = m_request.webSocketKey.empty() ? value : std::string_view();
    else if (isSame(name, "sec-websocket-version"))
        m_request.webSocketVersion = value;
    else if (isSame(name, "authorization"))
        m_request.authorization = value;
    else if (isSame(name, "user-agent"))
        m_request.userAgent = value;
    else if (isSame(name, "range"))
        m_request.range = value;
    else if (isSame(name, "if-range"))
        m_request.ifRange = value;
    else if (isSame(name, "if-none-match"))
        m_request.ifNoneMatch = value;
    else if (isSame(name, "connection"))
        m_request.isLast = m_request.isLast || isSame(value, "close");
    else if (isSame(name, "transfer-encoding"))
        m_request.hasUnread = true;
    else if (isSame(name, "content-type"))
        m_request.contentType = value;
    else if (isSame(name, "if-match"))
        m_request.ifMatch = value;
    else if (isSame(name, "access-control-request-method"))
        m_request.isPreflight = true;
    else if (isSame(name, "content-length"))
        return readLength(value);
    return true;
}

}  // namespace headgate::http_flv
