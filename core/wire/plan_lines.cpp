#include "core/wire/plan_codec.h"

#include <algorithm>

namespace headgate {
namespace {

// Walks over a well-formed JSON text and stops where the wanted pointer begins.
class PointerSeeker
{
public:
    PointerSeeker(std::string_view text, std::string_view pointer) : m_text(text), m_pointer(pointer) {}

    // Offset of the value, npos if it is not there.
    std::size_t seek()
    {
        value("");
        return m_found;
    }

private:
    bool isDone() const { return m_found != std::string_view::npos || m_at >= m_text.size(); }

    void skipSpace()
    {
        while (m_at < m_text.size() && std::string_view(" \t\r\n").find(m_text[m_at]) != std::string_view::npos)
            ++m_at;
    }

    std::string_view string()
    {
        const std::size_t start = ++m_at;
        while (m_at < m_text.size() && m_text[m_at] != '"')
            m_at += m_text[m_at] == '\\' ? 2 : 1;
        const std::size_t end = std::min(m_at++, m_text.size());
        return m_text.substr(start, end - start);
    }

    void value(const std::string& place)
    {
        skipSpace();
        if (isDone())
            return;
        if (place == m_pointer) {
            m_found = m_at;
            return;
        }
        if (m_text[m_at] == '"') {
            string();
        } else if (m_text[m_at] == '{' || m_text[m_at] == '[') {
            elements(place, m_text[m_at] == '{' ? '}' : ']');
        } else {
            m_at = std::min(m_text.find_first_of(",]}", m_at), m_text.size());
        }
    }

    void elements(const std::string& place, char end)
    {
        ++m_at;
        for (std::size_t index = 0; !isDone(); ++index) {
            skipSpace();
            if (isDone() || m_text[m_at] == end)
                break;
            std::string below = place + "/" + std::to_string(index);
            if (end == '}' && m_text[m_at] == '"') {
                below = place + "/" + std::string(string());
                skipSpace();
                ++m_at;
            }
            value(below);
            skipSpace();
            if (!isDone() && m_text[m_at] == ',')
                ++m_at;
        }
        ++m_at;
    }

    std::string_view m_text;
    std::string_view m_pointer;
    std::size_t m_at = 0;
    std::size_t m_found = std::string_view::npos;
};

}  // namespace

int lineOfPointer(std::string_view json, std::string_view pointer)
{
    // A member that is missing stands, if anywhere, in the nearest object around it.
    for (;;) {
        const std::size_t at = PointerSeeker(json, pointer).seek();
        if (at != std::string_view::npos)
            return static_cast<int>(std::ranges::count(json.substr(0, at), '\n')) + 1;
        const auto slash = pointer.rfind('/');
        if (slash == std::string_view::npos)
            return 0;
        pointer = pointer.substr(0, slash);
    }
}

}  // namespace headgate
