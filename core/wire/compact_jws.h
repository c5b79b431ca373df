#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace headgate {

// base64url without padding (RFC 4648, section 5).
std::string base64UrlEncoded(std::string_view bytes);

// None for all that base64UrlEncoded() does not write: one spelling for each content.
std::optional<std::string> base64UrlDecoded(std::string_view text);

// A signed text in compact form (RFC 7515, section 3.1), not verified. Views into the text that it was read from.
struct CompactJws
{
    nlohmann::json header;  // an object
    std::string signature;
    std::string_view signedText;
    std::string_view payload;
};

// None for what is malformed or longer than `most` bytes.
std::optional<CompactJws> readCompactJws(std::string_view token, std::size_t most);

// The payload as an object; for after its signature was verified.
std::optional<nlohmann::json> readClaims(const CompactJws& jws);

}  // namespace headgate
