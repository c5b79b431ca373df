#pragma once

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace headgate {

// What a file holds; none if it cannot be read to its end: it is not there, it is a directory, or it is of a process
// that has ended meanwhile. (Iterators over a stream's buffer throw then.)
inline std::optional<std::string> readWholeFile(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || (file.peek() != std::ifstream::traits_type::eof() && !(text << file.rdbuf())) || file.bad())
        return std::nullopt;
    return std::move(text).str();
}

}  // namespace headgate
