#include "core/wire/calendar_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace headgate {
namespace {

// A line takes some hundred bytes once it is read, and one of 10 MB may be a million parameters.
constexpr std::size_t mostLines = 500'000;
constexpr std::size_t mostParameters = 50;

std::string upperCase(std::string_view text)
{
    std::string upper(text);
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return upper;
}

// RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool isUtf8(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto byteAt = [&](std::size_t at) {
            return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
        };
        const unsigned first = byteAt(i);
        const std::size_t more = first < 0x80 ? 0 : first < 0xC2 ? 4 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        const unsigned second = byteAt(i + 1);
        const bool isOdd = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                           (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
        if (more > 3 || first > 0xF4 || isOdd)
            return false;
        for (std::size_t k = 1; k <= more; ++k) {
            if ((byteAt(i + k) & 0xC0) != 0x80)
                return false;
        }
        i += more + 1;
    }
    return true;
}

Result<CalendarLine> parsedLine(std::string_view text, int number)
{
    if (!isUtf8(text))
        return calendarError("calendar", number, "This line is no UTF-8 text.");
    CalendarLine line{number, {}, {}, {}};
    std::vector<std::string> parts(1);
    bool isQuoted = false;
    std::size_t at = 0;
    for (; at < text.size() && (isQuoted || text[at] != ':'); ++at) {
        if (text[at] == '"')
            isQuoted = !isQuoted;
        else if (text[at] == ';' && !isQuoted && parts.size() <= mostParameters)
            parts.emplace_back();
        else
            parts.back() += text[at];
    }
    if (parts.size() > mostParameters)
        return calendarError("calendar", number, "This line has more parameters than a property can have.");
    if (at == text.size() || parts.front().empty())
        return calendarError("calendar", number, "This is no line of a calendar: it has no name or no \":\".");
    line.name = upperCase(parts.front());
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto equals = std::min(parts[i].find('='), parts[i].size());
        line.parameters[upperCase(parts[i].substr(0, equals))] = parts[i].substr(std::min(equals + 1, parts[i].size()));
    }
    line.value = text.substr(at + 1);
    return line;
}

// Where to break before `most` octets without cutting a UTF-8 character.
std::size_t pieceOf(std::string_view text, std::size_t most)
{
    if (text.size() <= most)
        return text.size();
    std::size_t size = most;
    while (size > 1 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
        --size;
    return size;
}

}  // namespace

bool CalendarLine::is(std::string_view wantedName, std::string_view wantedValue) const
{
    return name == wantedName && upperCase(value) == wantedValue;
}

Result<std::vector<CalendarLine>> calendarLines(std::string_view text)
{
    std::vector<CalendarLine> lines;
    int number = 0, first = 0;
    std::string unfolded;
    const auto take = [&]() -> Result<void> {
        if (first == 0)
            return {};
        if (lines.size() == mostLines)
            return calendarError("calendar", first, "A calendar has at most " + std::to_string(mostLines) + " lines.");
        auto line = parsedLine(unfolded, first);
        if (!line)
            return tl::unexpected(std::move(line.error()));
        lines.push_back(std::move(*line));
        return {};
    };
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        std::string_view line = text.substr(start, end - start);
        start = end + 1;
        ++number;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty())
            continue;
        if ((line.front() == ' ' || line.front() == '\t') && first > 0) {
            unfolded += line.substr(1);
            continue;
        }
        if (const auto taken = take(); !taken)
            return tl::unexpected(taken.error());
        unfolded = line;
        first = number;
    }
    if (const auto taken = take(); !taken)
        return tl::unexpected(taken.error());
    return lines;
}

tl::unexpected<Error> calendarError(const std::string& property, int line, std::string message)
{
    return fail(ErrorCode::InvalidArgument, std::move(message), {}, property + " (line " + std::to_string(line) + ")");
}

std::string unescapedCalendarText(std::string_view value)
{
    std::string plain;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool isEscape = value[i] == '\\' && i + 1 < value.size();
        const char c = isEscape ? value[++i] : value[i];
        plain += isEscape && (c == 'n' || c == 'N') ? '\n' : c;
    }
    return plain;
}

void CalendarText::add(std::string_view name, std::string_view value)
{
    constexpr std::size_t longest = 75;
    const std::string line = std::string(name).append(":").append(value);
    std::size_t at = pieceOf(line, longest);
    m_text.append(line, 0, at);
    while (at < line.size()) {
        const std::size_t size = pieceOf(std::string_view(line).substr(at), longest - 1);
        m_text.append("\r\n ").append(line, at, size);
        at += size;
    }
    m_text += "\r\n";
}

void CalendarText::addText(std::string_view name, std::string_view value)
{
    std::string escaped;
    for (const char c : value) {
        if (c == '\n')
            escaped += "\\n";
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            escaped += ' ';
        else if (c == '\\' || c == ';' || c == ',')
            escaped.append(1, '\\').append(1, c);
        else
            escaped += c;
    }
    add(name, escaped);
}

void CalendarText::addJson(std::string_view name, const nlohmann::json& json)
{
    addText(name, json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

}  // namespace headgate
