#pragma once

#include <string>

namespace headgate {

// With a-z in place of A-Z; other bytes stay.
inline std::string lowered(std::string text)
{
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

}  // namespace headgate
