#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace headgate {

constexpr char lowered(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// With a-z in place of A-Z; other bytes stay.
inline std::string lowered(std::string text)
{
    for (char& c : text)
        c = lowered(c);
    return text;
}

// A-Z are as good as a-z.
inline bool isSameName(std::string_view a, std::string_view b)
{
    return std::ranges::equal(
        a, b, {}, [](char c) { return lowered(c); }, [](char c) { return lowered(c); });
}

}  // namespace headgate
