#pragma once

#include "core/wire/native_routes.h"

#include <string>
#include <string_view>

namespace headgate::native {

// "?name=value&name=value", percent-encoded.
class QueryText
{
public:
    QueryText& add(std::string_view name, std::string_view value) { return addRaw(name, percentEncoded(value)); }

    QueryText& addRaw(std::string_view name, std::string_view encoded)
    {
        m_text += m_text.empty() ? '?' : '&';
        m_text.append(name).append("=").append(encoded);
        return *this;
    }

    const std::string& text() const { return m_text; }

private:
    std::string m_text;
};

}  // namespace headgate::native
