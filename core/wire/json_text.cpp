#include "core/wire/native_codec.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace headgate::native {
namespace {

constexpr std::size_t maxDepth = 64;

// Tells how far the parser has read, so that our own complaints have a place too.
struct CountingIterator
{
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    const char* at;
    const char** furthest;

    reference operator*() const { return *at; }
    CountingIterator& operator++()
    {
        *furthest = ++at;
        return *this;
    }
    CountingIterator operator++(int)
    {
        CountingIterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const CountingIterator& other) const { return at == other.at; }
};

// Builds the document and refuses what the plain parser lets pass: duplicate members and deep nesting.
class StrictBuilder
{
public:
    using number_integer_t = Json::number_integer_t;
    using number_unsigned_t = Json::number_unsigned_t;
    using number_float_t = Json::number_float_t;
    using string_t = Json::string_t;
    using binary_t = Json::binary_t;

    bool null() { return put(nullptr); }
    bool boolean(bool value) { return put(value); }
    bool number_integer(number_integer_t value) { return put(value); }
    bool number_unsigned(number_unsigned_t value) { return put(value); }
    bool number_float(number_float_t value, const string_t&) { return put(value); }
    bool string(string_t& value) { return put(std::move(value)); }
    bool binary(binary_t&) { return false; }
    bool start_object(std::size_t) { return open(Json::object()); }
    bool start_array(std::size_t) { return open(Json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(string_t& name)
    {
        if (m_open.back()->contains(name)) {
            m_complaint = "the member \"" + name + "\" stands twice in one object";
            return false;
        }
        m_key = name;
        return true;
    }

    bool parse_error(std::size_t, const std::string&, const Json::exception& exception)
    {
        // The library's texts are "[json.exception.parse_error.101] parse error at line 1, column 2: what" and
        // "[json.exception.out_of_range.406] what".
        const std::string text = exception.what();
        const auto column = text.find(", column");
        const auto end = column == std::string::npos ? text.find("] ") : text.find(": ", column);
        m_complaint = end == std::string::npos ? text : text.substr(end + 2);
        return false;
    }

    Json takeDocument() { return std::move(m_root); }
    const std::string& complaint() const { return m_complaint; }

private:
    Json* put(Json value, int)
    {
        if (m_open.empty()) {
            m_root = std::move(value);
            return &m_root;
        }
        Json& parent = *m_open.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        return &(parent[m_key] = std::move(value));
    }

    bool put(Json value)
    {
        put(std::move(value), 0);
        return true;
    }

    bool open(Json container)
    {
        if (m_open.size() == maxDepth) {
            m_complaint = "objects and arrays are nested more than 64 deep";
            return false;
        }
        m_open.push_back(put(std::move(container), 0));
        return true;
    }

    bool close()
    {
        m_open.pop_back();
        return true;
    }

    Json m_root;
    std::vector<Json*> m_open;  // a container stays where it is while it is the innermost open one
    std::string m_key;
    std::string m_complaint;
};

std::string place(std::string_view text, const char* furthest)
{
    const std::string_view read = text.substr(0, static_cast<std::size_t>(furthest - text.data()));
    const auto line = std::ranges::count(read, '\n') + 1;
    const auto lineStart = read.rfind('\n');
    const std::size_t column = lineStart == std::string_view::npos ? read.size() : read.size() - lineStart - 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(std::max<std::size_t>(column, 1));
}

// `digits` decimal digits from `text`, -1 if there are others; cut off the front.
int takeNumber(std::string_view& text, std::size_t digits)
{
    if (text.size() < digits)
        return -1;
    int number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool takeLetter(std::string_view& text, char letter)
{
    if (text.empty() || text.front() != letter)
        return false;
    text.remove_prefix(1);
    return true;
}

// ".25" -> 250; 0 if there is no fraction; -1 if it is malformed.
int takeMilliseconds(std::string_view& text)
{
    if (!takeLetter(text, '.'))
        return 0;
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits < 1 || digits > 9)
        return -1;
    int milliseconds = 0;
    for (std::size_t i = 0; i < 3; ++i)
        milliseconds = milliseconds * 10 + (i < digits ? text[i] - '0' : 0);
    text.remove_prefix(digits);
    return milliseconds;
}

}  // namespace

Result<Json> parse(std::string_view text)
{
    StrictBuilder builder;
    const char* furthest = text.data();
    const CountingIterator first{text.data(), &furthest};
    const CountingIterator last{text.data() + text.size(), &furthest};
    if (Json::sax_parse(first, last, &builder))
        return builder.takeDocument();
    return fail(ErrorCode::InvalidArgument, "This is not a JSON document that can be taken: at " +
                                                place(text, furthest) + ", " + builder.complaint() + ".");
}

std::string write(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void appendQuoted(std::string& out, std::string_view text)
{
    // By a table, as each answer to a client has some.
    static constexpr auto isPlain = [] {
        std::array<bool, 256> plain{};
        for (std::size_t c = ' '; c < 0x7f; ++c)
            plain[c] = c != '"' && c != '\\';
        return plain;
    }();
    if (std::ranges::all_of(text, [](char c) { return isPlain[static_cast<unsigned char>(c)]; }))
        out.append("\"").append(text).append("\"");
    else
        out += write(Json(text));
}

Result<TimePoint> instantFromText(std::string_view text)
{
    namespace chrono = std::chrono;
    std::string_view rest = text;
    const int y = takeNumber(rest, 4);
    const int mo = takeLetter(rest, '-') ? takeNumber(rest, 2) : -1;
    const int d = takeLetter(rest, '-') ? takeNumber(rest, 2) : -1;
    const int h = takeLetter(rest, 'T') ? takeNumber(rest, 2) : -1;
    const int mi = takeLetter(rest, ':') ? takeNumber(rest, 2) : -1;
    const int s = takeLetter(rest, ':') ? takeNumber(rest, 2) : -1;
    const int ms = takeMilliseconds(rest);
    const bool isClock = h >= 0 && h < 24 && mi >= 0 && mi < 60 && s >= 0 && s < 60 && ms >= 0;
    const bool isDate = y >= 0 && mo > 0 && d > 0;
    const chrono::year_month_day date(chrono::year(y), chrono::month(static_cast<unsigned>(std::max(mo, 0))),
                                      chrono::day(static_cast<unsigned>(std::max(d, 0))));
    if (!isClock || !isDate || !date.ok() || rest != "Z") {
        return fail(ErrorCode::InvalidArgument, "\"" + std::string(text) + "\" is not an instant.",
                    "Write it in UTC like 2027-06-26T18:42:18.250Z.");
    }
    return TimePoint(chrono::sys_days(date)) + chrono::hours(h) + chrono::minutes(mi) + chrono::seconds(s) +
           Duration(ms);
}

}  // namespace headgate::native
