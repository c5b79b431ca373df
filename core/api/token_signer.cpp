#include "core/api/token_signer.h"

#include "core/base/check.h"
#include "core/base/digest.h"
#include "core/wire/base64.h"
#include "core/wire/native_codec.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

namespace headgate {

namespace {

using nlohmann::json;

constexpr std::size_t maxTokenBytes = 2048;
constexpr std::size_t keyIdBytes = 12;

// base64url without padding (RFC 4648, section 5).
std::string encoded(std::string_view bytes)
{
    std::string text = base64Encoded(bytes);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text.substr(0, text.find('='));
}

// Only what encoded() writes: one spelling for each content.
std::optional<std::string> decoded(std::string_view text)
{
    std::string padded(text);
    std::ranges::replace(padded, '-', '+');
    std::ranges::replace(padded, '_', '/');
    padded.append((4 - padded.size() % 4) % 4, '=');
    auto bytes = base64Decoded(padded);
    return bytes && encoded(*bytes) == text ? bytes : std::nullopt;
}

std::int64_t periodOf(TimePoint now)
{
    return std::chrono::floor<std::chrono::days>(now).time_since_epoch() / TokenSigner::period;
}

tl::unexpected<Error> refused()
{
    return fail(ErrorCode::Unauthenticated, "The bearer token is none of ours or was changed on its way.",
                "Sign in again for a new one.");
}

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

struct Header
{
    std::string algorithm;
    std::string keyId;
};

// Exactly alg, kid and typ: what else a header may say is not understood here.
std::optional<Header> headerIn(std::string_view text, std::string_view type)
{
    const auto bytes = decoded(text);
    const auto header = bytes ? native::parse(*bytes) : tl::unexpected(Error{});
    if (!header || !header->is_object() || header->size() != 3)
        return std::nullopt;
    for (const char* name : {"alg", "kid", "typ"}) {
        if (!header->contains(name) || !(*header)[name].is_string())
            return std::nullopt;
    }
    if ((*header)["typ"] != type)
        return std::nullopt;
    return Header{(*header)["alg"].get<std::string>(), (*header)["kid"].get<std::string>()};
}

}  // namespace

// Ed25519.
class TokenSigner::Key
{
public:
    explicit Key(const std::string& seed)
        : m_key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytesOf(seed), seed.size()), &EVP_PKEY_free)
    {
        HG_CHECK(m_key != nullptr);
        std::string publicKey(32, '\0');
        std::size_t size = publicKey.size();
        HG_CHECK(EVP_PKEY_get_raw_public_key(m_key.get(), reinterpret_cast<unsigned char*>(publicKey.data()), &size) ==
                 1);
        m_id = encoded(sha256(publicKey).substr(0, keyIdBytes));
    }

    const std::string& id() const { return m_id; }

    std::string sign(std::string_view text) const
    {
        std::string signature(64, '\0');
        std::size_t size = signature.size();
        const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
        HG_CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) == 1);
        HG_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytesOf(text),
                                text.size()) == 1);
        return signature;
    }

    bool isSignature(std::string_view text, const std::string& signature) const
    {
        const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
        HG_CHECK(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) == 1);
        return EVP_DigestVerify(context.get(), bytesOf(signature), signature.size(), bytesOf(text), text.size()) == 1;
    }

private:
    using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> m_key;
    std::string m_id;
};

TokenSigner::TokenSigner(SeedOf seedOf, std::string sharedSecret, Present present)
    : m_seedOf(std::move(seedOf)), m_sharedSecret(std::move(sharedSecret)), m_present(std::move(present))
{}

TokenSigner::~TokenSigner() = default;

const TokenSigner::Key& TokenSigner::keyOf(const KeyNumber& number)
{
    auto& key = m_keys[number];
    if (key)
        return *key;
    std::string name = "token-key-" + std::to_string(number.period);
    if (number.generation > 0)
        name += "-" + std::to_string(number.generation);
    key = std::make_unique<Key>(m_seedOf(name));
    return *key;
}

// That of this period, of the one before, or of the next one, if the clock was set back.
const TokenSigner::Key* TokenSigner::findKey(const std::string& id, TimePoint now)
{
    const std::int64_t number = periodOf(now);
    const TokenKeys keys = present();
    const bool isOverlapping = keys.generation > 0 && now < keys.rotatedAt + period;
    const std::uint64_t oldest = keys.generation - (isOverlapping ? 1 : 0);
    std::erase_if(m_keys, [&](const auto& entry) {
        const KeyNumber& key = entry.first;
        return key.generation < oldest || key.period < number - 1 || key.period > number + 1;
    });
    for (std::uint64_t generation = oldest; generation <= keys.generation; ++generation) {
        for (const std::int64_t each : {number, number - 1, number + 1}) {
            if (const Key& key = keyOf({generation, each}); key.id() == id)
                return &key;
        }
    }
    return nullptr;
}

std::string TokenSigner::sign(const json& claims, std::string_view type, TimePoint now)
{
    const std::lock_guard lock(m_mutex);
    const Key& key = keyOf({present().generation, periodOf(now)});
    const json header{{"alg", "EdDSA"}, {"kid", key.id()}, {"typ", type}};
    const std::string text = encoded(native::write(header)) + '.' + encoded(native::write(claims));
    return text + '.' + encoded(key.sign(text));
}

bool TokenSigner::isSigned(std::string_view algorithm, const std::string& keyId, std::string_view text,
                           const std::string& signature, TimePoint now)
{
    if (!m_sharedSecret.empty() && keyId == sharedKeyId)
        return algorithm == "HS256" && isSameSecret(signature, hmacSha256(m_sharedSecret, text));
    const std::lock_guard lock(m_mutex);
    const Key* key = findKey(keyId, now);
    return key && algorithm == "EdDSA" && key->isSignature(text, signature);
}

Result<SignedClaims> TokenSigner::open(std::string_view token, std::string_view type, TimePoint now)
{
    const auto first = token.find('.');
    const auto last = token.rfind('.');
    if (token.size() > maxTokenBytes || first == std::string_view::npos || last == first ||
        token.find('.', first + 1) != last)
        return refused();
    const auto header = headerIn(token.substr(0, first), type);
    const auto signature = decoded(token.substr(last + 1));
    if (!header || !signature || !isSigned(header->algorithm, header->keyId, token.substr(0, last), *signature, now))
        return refused();
    const auto bytes = decoded(token.substr(first + 1, last - first - 1));
    auto claims = bytes ? native::parse(*bytes) : tl::unexpected(Error{});
    if (!claims || !claims->is_object())
        return refused();
    return SignedClaims{std::move(*claims), header->keyId != sharedKeyId};
}

}  // namespace headgate
