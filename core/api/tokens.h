#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/account.h"

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace headgate {

// Bearer tokens: JWT, HS256 and nothing else, claims iss, sub, iat, exp. Any thread.
class Tokens
{
public:
    Tokens(std::string key, std::chrono::seconds lifetime);

    std::string issue(const std::string& accountName, TimePoint now) const;

    // Unauthenticated, with the reason, for anything that we did not issue or that has expired.
    // A token seen before costs one look-up.
    Result<Actor> verify(std::string_view token, TimePoint now);

    std::chrono::seconds lifetime() const { return m_lifetime; }

private:
    struct Verified
    {
        Actor actor;
        TimePoint expiresAt;
    };
    struct TextHash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    Result<Verified> decode(const std::string& token) const;

    const std::string m_key;
    const std::chrono::seconds m_lifetime;
    std::mutex m_mutex;
    std::unordered_map<std::string, Verified, TextHash, std::equal_to<>> m_verified;
};

}  // namespace headgate
