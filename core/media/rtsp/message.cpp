#include "core/media/rtsp/message.h"

#include "core/media/net/percent_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace headgate::rtsp {

namespace {

constexpr char packetMark = '$';

bool isVisible(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

char lower(char c)
{
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

std::string_view reasonOf(int status)
{
    struct Reason
    {
        int status;
        std::string_view text;
    };
    static constexpr std::array<Reason, 17> reasons{{{200, "OK"},
                                                     {400, "Bad Request"},
                                                     {401, "Unauthorized"},
                                                     {403, "Forbidden"},
                                                     {404, "Not Found"},
                                                     {409, "Conflict"},
                                                     {413, "Request Entity Too Large"},
                                                     {415, "Unsupported Media Type"},
                                                     {453, "Not Enough Bandwidth"},
                                                     {454, "Session Not Found"},
                                                     {455, "Method Not Valid in This State"},
                                                     {461, "Unsupported Transport"},
                                                     {500, "Internal Server Error"},
                                                     {501, "Not Implemented"},
                                                     {503, "Service Unavailable"},
                                                     {505, "RTSP Version Not Supported"},
                                                     {551, "Option Not Supported"}}};
    const auto found =
        std::find_if(reasons.begin(), reasons.end(), [&](const Reason& r) { return r.status == status; });
    return found == reasons.end() ? "Error" : found->text;
}

}  // namespace

bool isSameWord(std::string_view text, std::string_view lowerCase)
{
    return std::equal(text.begin(), text.end(), lowerCase.begin(), lowerCase.end(),
                      [](char a, char b) { return lower(a) == b; });
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view takePiece(std::string_view& list, char separator)
{
    const std::size_t end = list.find(separator);
    const std::string_view piece = list.substr(0, end);
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    return trimmed(piece);
}

std::optional<Target> parseTarget(std::string_view url)
{
    if (url == "*")
        return Target{};
    const std::size_t mark = url.find("://");
    if (mark == std::string_view::npos || !isSameWord(url.substr(0, mark).substr(0, 4), "rtsp"))
        return std::nullopt;
    const std::size_t slash = std::min(url.find('/', mark + 3), url.size());
    std::string_view host = url.substr(mark + 3, slash - mark - 3);
    host = host.substr(host.rfind('@') == std::string_view::npos ? 0 : host.rfind('@') + 1);
    std::string_view place = url.substr(slash);
    const std::size_t question = place.find('?');
    auto path = percentDecoded(place.substr(0, question));
    if (!path || host.empty())
        return std::nullopt;
    const std::size_t first = std::min(path->find_first_not_of('/'), path->size());
    path->erase(0, first);
    while (path->ends_with('/'))
        path->pop_back();
    return Target{std::string(url.substr(0, mark + 3)) + std::string(host), std::move(*path),
                  std::string(question == std::string_view::npos ? "" : place.substr(question + 1))};
}

std::string_view Request::field(std::string_view name) const
{
    const auto found = fields.find(name);
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

void MessageReader::append(ByteView bytes)
{
    m_buffer.erase(0, m_begin);
    m_begin = 0;
    m_packet = {};
    m_buffer.append(textOf(bytes));
}

MessageReader::State MessageReader::next()
{
    // Some clients send empty lines between requests.
    while (rest().starts_with('\r') || rest().starts_with('\n'))
        ++m_begin;
    if (rest().empty())
        return State::NeedsMore;
    return rest().front() == packetMark ? readPacket() : readRequest();
}

MessageReader::State MessageReader::readPacket()
{
    constexpr std::size_t headerSize = 4;
    ByteReader reader(viewOf(rest()));
    reader.u8();
    m_channel = static_cast<int>(reader.u8());
    m_packet = reader.take(reader.u16());
    if (!reader.ok())
        return State::NeedsMore;
    m_begin += headerSize + m_packet.size();
    return State::HasPacket;
}

MessageReader::State MessageReader::readRequest()
{
    constexpr std::string_view headEnd = "\r\n\r\n";
    const std::string_view all = rest();
    const std::size_t end = all.substr(0, largestHead).find(headEnd);
    if (end == std::string_view::npos)
        return all.size() >= largestHead ? State::TooLarge : State::NeedsMore;
    if (!readHead(all.substr(0, end)))
        return State::Malformed;
    std::size_t bodySize = 0;
    if (const std::string_view length = m_request.field("content-length"); !length.empty()) {
        const auto read = std::from_chars(length.data(), length.data() + length.size(), bodySize);
        if (read.ec == std::errc::result_out_of_range)
            return State::TooLarge;
        if (read.ec != std::errc{} || read.ptr != length.data() + length.size())
            return State::Malformed;
    }
    if (bodySize > largestBody)
        return State::TooLarge;
    const std::size_t headSize = end + headEnd.size();
    if (all.size() - headSize < bodySize)
        return State::NeedsMore;
    m_request.body = all.substr(headSize, bodySize);
    m_begin += headSize + bodySize;
    return State::HasRequest;
}

bool MessageReader::readHead(std::string_view head)
{
    m_request = {};
    std::string_view line = takePiece(head, '\n');
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return false;
    m_request.method = line.substr(0, first);
    m_request.url = trimmed(line.substr(first + 1, last - first - 1));
    const std::string_view version = line.substr(last + 1);
    m_request.isVersion1 = version == "RTSP/1.0";
    return version.starts_with("RTSP/") && isVisible(m_request.method) && isVisible(m_request.url) && readFields(head);
}

bool MessageReader::readFields(std::string_view fields)
{
    for (std::size_t count = 0; !fields.empty(); ++count) {
        const std::string_view line = takePiece(fields, '\n');
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !isVisible(line.substr(0, colon)) || count == mostFields)
            return false;
        std::string name(line.substr(0, colon));
        std::transform(name.begin(), name.end(), name.begin(), lower);
        m_request.fields.emplace(std::move(name), trimmed(line.substr(colon + 1)));
    }
    return true;
}

std::string responseText(int status, std::string_view sequence, std::string_view fields, std::string_view body)
{
    std::string text = "RTSP/1.0 " + std::to_string(status) + " ";
    text.append(reasonOf(status)).append("\r\n");
    if (!sequence.empty())
        text.append("CSeq: ").append(sequence).append("\r\n");
    text.append("Server: Headgate\r\n").append(fields);
    if (!body.empty())
        text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    return text.append("\r\n").append(body);
}

}  // namespace headgate::rtsp
