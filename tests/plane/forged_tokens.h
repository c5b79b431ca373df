#pragma once

#include "core/base/digest.h"
#include "core/wire/base64.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

// BearerTokens that somebody else made up.
namespace headgate::test {

inline std::string base64Url(const std::string& bytes)
{
    std::string text = base64Encoded(bytes);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text.substr(0, text.find('='));
}

inline std::string fromBase64Url(std::string text)
{
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return base64Decoded(text).value_or("");
}

struct TokenParts
{
    nlohmann::json header;
    nlohmann::json claims;
    std::string signature;  // as it stands there
};

inline TokenParts partsOf(const std::string& token)
{
    const auto first = token.find('.');
    const auto last = token.rfind('.');
    return {nlohmann::json::parse(fromBase64Url(token.substr(0, first))),
            nlohmann::json::parse(fromBase64Url(token.substr(first + 1, last - first - 1))), token.substr(last + 1)};
}

inline std::string signedText(const TokenParts& parts)
{
    return base64Url(parts.header.dump()) + "." + base64Url(parts.claims.dump());
}

// With the signature of another content.
inline std::string joined(const TokenParts& parts)
{
    return signedText(parts) + "." + parts.signature;
}

inline std::string unsignedToken(TokenParts parts)
{
    parts.header["alg"] = "none";
    return signedText(parts) + ".";
}

// As if the key were a shared secret.
inline std::string hmacToken(TokenParts parts, const std::string& key)
{
    parts.header["alg"] = "HS256";
    const std::string text = signedText(parts);
    return text + "." + base64Url(hmacSha256(key, text));
}

}  // namespace headgate::test
