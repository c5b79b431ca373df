#include "core/wire/compact_jws.h"

#include "core/wire/base64.h"
#include "core/wire/native_codec.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

std::optional<nlohmann::json> objectIn(std::string_view text)
{
    const auto bytes = base64UrlDecoded(text);
    auto json = bytes ? native::parse(*bytes) : tl::unexpected(Error{});
    return json && json->is_object() ? std::optional(std::move(*json)) : std::nullopt;
}

}  // namespace

std::string base64UrlEncoded(std::string_view bytes)
{
    std::string text = base64Encoded(bytes);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text.substr(0, text.find('='));
}

std::optional<std::string> base64UrlDecoded(std::string_view text)
{
    std::string padded(text);
    std::ranges::replace(padded, '-', '+');
    std::ranges::replace(padded, '_', '/');
    padded.append((4 - padded.size() % 4) % 4, '=');
    auto bytes = base64Decoded(padded);
    return bytes && base64UrlEncoded(*bytes) == text ? bytes : std::nullopt;
}

std::optional<CompactJws> readCompactJws(std::string_view token, std::size_t most)
{
    const auto first = token.find('.');
    const auto last = token.rfind('.');
    if (token.size() > most || first == std::string_view::npos || last == first || token.find('.', first + 1) != last)
        return std::nullopt;
    auto header = objectIn(token.substr(0, first));
    auto signature = base64UrlDecoded(token.substr(last + 1));
    if (!header || !signature)
        return std::nullopt;
    return CompactJws{std::move(*header), std::move(*signature), token.substr(0, last),
                      token.substr(first + 1, last - first - 1)};
}

std::optional<nlohmann::json> readClaims(const CompactJws& jws)
{
    return objectIn(jws.payload);
}

}  // namespace headgate
