#include "core/plane/seal.h"

#include "core/base/check.h"
#include "core/domain/access_settings.h"
#include "core/wire/base64.h"
#include "core/wire/stream_manager_provisions.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

namespace headgate {

namespace {

constexpr std::string_view prefix = sealedPrefix;
constexpr std::size_t keyBytes = 32, nonceBytes = 12, tagBytes = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytesOf(std::string& text)
{
    return reinterpret_cast<unsigned char*>(text.data());
}

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

Context newContext()
{
    Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    HG_CHECK(context != nullptr);
    return context;
}

}  // namespace

std::string sealed(std::string_view key, std::string_view text)
{
    HG_CHECK(key.size() == keyBytes);
    std::string nonce(nonceBytes, '\0'), tag(tagBytes, '\0'), secret(text.size(), '\0');
    HG_CHECK(RAND_bytes(bytesOf(nonce), nonceBytes) == 1);
    const Context context = newContext();
    int length = 0;
    HG_CHECK(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key), bytesOf(nonce)) == 1);
    HG_CHECK(EVP_EncryptUpdate(context.get(), bytesOf(secret), &length, bytesOf(text), static_cast<int>(text.size())) ==
             1);
    HG_CHECK(EVP_EncryptFinal_ex(context.get(), bytesOf(secret) + length, &length) == 1);
    HG_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tagBytes, bytesOf(tag)) == 1);
    return std::string(prefix) + base64Encoded(nonce + secret + tag);
}

std::optional<std::string> opened(std::string_view key, std::string_view text)
{
    HG_CHECK(key.size() == keyBytes);
    if (!text.starts_with(prefix))
        return std::nullopt;
    const auto bytes = base64Decoded(text.substr(prefix.size()));
    if (!bytes || bytes->size() < nonceBytes + tagBytes)
        return std::nullopt;
    const std::string_view all = *bytes;
    const std::string_view secret = all.substr(nonceBytes, all.size() - nonceBytes - tagBytes);
    std::string tag(all.substr(all.size() - tagBytes)), clear(secret.size(), '\0');
    const Context context = newContext();
    int length = 0;
    HG_CHECK(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key), bytesOf(all)) == 1);
    HG_CHECK(EVP_DecryptUpdate(context.get(), bytesOf(clear), &length, bytesOf(secret),
                               static_cast<int>(secret.size())) == 1);
    HG_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tagBytes, bytesOf(tag)) == 1);
    if (EVP_DecryptFinal_ex(context.get(), bytesOf(clear) + length, &length) != 1)
        return std::nullopt;
    return clear;
}

std::string withOpenSecrets(const std::string& document, std::string_view key)
{
    nlohmann::json json = nlohmann::json::parse(document, nullptr, false);
    HG_CHECK(json.is_object());
    stream_manager::changeSecrets(json, [&](const std::string& secret) { return opened(key, secret).value_or(""); });
    return json.dump();
}

}  // namespace headgate
