#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/account.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace headgate {

// Bearer tokens: JWT, HS256 and nothing else, claims iss, sub, iat, exp, and pwd, a digest of the password hash that
// the account had: a new password ends all tokens of the old one. Any thread.
class Tokens
{
public:
    // The account as it is now; none if there is no such account. Called on any thread.
    using AccountOf = std::function<std::optional<Account>(const std::string& name)>;

    Tokens(std::string key, std::chrono::seconds lifetime, AccountOf accountOf);

    std::string issue(const Account& account, TimePoint now) const;

    // Unauthenticated, with the reason, for anything that we did not issue, that has expired, or whose account has gone
    // or has another password by now. A token seen before costs two look-ups.
    Result<Actor> verify(std::string_view token, TimePoint now);

    // How long the token still holds; 0 if it does not.
    Duration remaining(std::string_view token, TimePoint now);

    std::chrono::seconds lifetime() const { return m_lifetime; }

private:
    struct Verified
    {
        Actor actor;
        std::string passwordHash;
        TimePoint expiresAt;
    };
    struct TextHash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    Result<Verified> look(std::string_view token, TimePoint now);
    Result<Verified> decode(const std::string& token) const;
    std::string passwordMark(const Account& account) const;

    const std::string m_key;
    const std::chrono::seconds m_lifetime;
    const AccountOf m_accountOf;
    std::mutex m_mutex;
    std::unordered_map<std::string, Verified, TextHash, std::equal_to<>> m_verified;
};

}  // namespace headgate
