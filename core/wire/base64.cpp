#include "core/wire/base64.h"

#include <cstdint>

namespace headgate {

namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t valueOf(char digit)
{
    return static_cast<std::uint32_t>(digits.find(digit));
}

}  // namespace

std::string base64Encoded(std::string_view bytes)
{
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        for (std::size_t j = 0; j < 4; ++j)
            text += i + j <= bytes.size() ? digits[(group >> (18 - 6 * j)) & 63] : '=';
    }
    return text;
}

std::optional<std::string> base64Decoded(std::string_view text)
{
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    const std::string_view meaning = text.substr(0, text.size() - padding);
    if (meaning.find_first_not_of(digits) != std::string_view::npos)
        return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < meaning.size(); i += 4) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 4; ++j)
            group = group << 6 | (i + j < meaning.size() ? valueOf(meaning[i + j]) : 0u);
        for (int shift = 16; shift >= 0; shift -= 8)
            bytes += static_cast<char>((group >> shift) & 0xff);
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

}  // namespace headgate
