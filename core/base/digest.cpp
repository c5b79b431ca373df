#include "core/base/digest.h"

#include "core/base/check.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace headgate {

namespace {

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string textOf(const Digest& digest, unsigned length)
{
    return std::string(reinterpret_cast<const char*>(digest.data()), length);
}

}  // namespace

std::string sha256(std::string_view message)
{
    Digest digest{};
    unsigned length = 0;
    HG_CHECK(EVP_Digest(message.data(), message.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1);
    return textOf(digest, length);
}

std::string hmacSha256(std::string_view key, std::string_view message)
{
    Digest digest{};
    unsigned length = 0;
    HG_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytesOf(message), message.size(),
                  digest.data(), &length) != nullptr);
    return textOf(digest, length);
}

std::string toHex(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += digits[value >> 4];
        text += digits[value & 15];
    }
    return text;
}

std::string clusterSignature(std::string_view action, std::string_view timestampMs, std::string_view password)
{
    return toHex(sha256(std::string(action).append(timestampMs).append(password)));
}

bool isSameSecret(std::string_view one, std::string_view other)
{
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace headgate
