#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/account.h"

#include <nlohmann/json.hpp>

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace headgate {

struct SignedClaims
{
    nlohmann::json claims;  // an object
    bool isOurs = true;     // else of who has the shared secret
};

// Signs claims and opens what it signed: JSON Web Signatures in compact form (RFC 7515) with Ed25519 (RFC 8037). A key
// is used for 30 days, or until somebody asks for new ones, and what it signed is taken for 30 more. With a shared
// secret, HS256 of others is taken as well. What algorithm holds is the key's affair, never the token's; kid only finds
// the key. Any thread.
class TokenSigner
{
public:
    // 32 bytes for the key of that name; always the same for the same one.
    using SeedOf = std::function<std::string(const std::string& name)>;
    // Which keys sign now; of the generation before, they are taken for 30 days from the rotation on.
    using Present = std::function<TokenKeys()>;

    explicit TokenSigner(SeedOf seedOf, std::string sharedSecret = {}, Present present = {});
    ~TokenSigner();

    std::string sign(const nlohmann::json& claims, std::string_view type, TimePoint now);

    // Whose signature holds and who has this `typ`; Unauthenticated for all else. Says nothing about the claims.
    Result<SignedClaims> open(std::string_view token, std::string_view type, TimePoint now);

    static constexpr std::string_view sharedKeyId = "shared";
    static constexpr std::chrono::days period{30};

private:
    class Key;
    struct KeyNumber
    {
        std::uint64_t generation = 0;
        std::int64_t period = 0;

        auto operator<=>(const KeyNumber&) const = default;
    };

    TokenKeys present() const { return m_present ? m_present() : TokenKeys(); }
    const Key& keyOf(const KeyNumber& number);
    const Key* findKey(const std::string& id, TimePoint now);
    bool isSigned(std::string_view algorithm, const std::string& keyId, std::string_view text,
                  const std::string& signature, TimePoint now);

    const SeedOf m_seedOf;
    const std::string m_sharedSecret;
    const Present m_present;
    std::mutex m_mutex;
    std::map<KeyNumber, std::unique_ptr<Key>> m_keys;
};

}  // namespace headgate
