#pragma once

#include "core/api/account_scope.h"
#include "core/api/token_signer.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/plane/account_book.h"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace headgate {

struct TokenLifetimes
{
    std::chrono::seconds access{15 * 60};
    std::chrono::seconds dialect{60 * 60};  // of a Stream Manager login, whose clients do not renew
    std::chrono::seconds refresh{14 * 24 * 3600};
};

// What a refresh token says.
struct RefreshClaim
{
    std::string account;
    std::string session;
    std::uint64_t generation = 0;
};

// Bearer tokens. Those of a session are signed and hold as long as it is there: claims iss, aud, sub, sid, iat and exp,
// of refresh tokens gen. Personal ones are "hgp_ID_SECRET". Any thread.
class BearerTokens
{
public:
    // The account as it is now, by its name or by the id of a personal token; null if there is none.
    struct Accounts
    {
        std::function<AccountPtr(const std::string& name)> byName;
        std::function<AccountPtr(const std::string& tokenId)> byToken;
        // A personal token was used whose last use is older than a day; at most once a minute for each of them.
        std::function<void(const std::string& account, const std::string& tokenId)> noteUse;
    };

    BearerTokens(std::shared_ptr<TokenSigner> signer, TokenLifetimes lifetimes, Accounts accounts);

    std::string access(const std::string& account, const AccountSession& session, std::chrono::seconds lifetime,
                       TimePoint now) const;
    std::string refresh(const std::string& account, const AccountSession& session, TimePoint now) const;

    // Unauthenticated, with the reason, for anything that we did not issue, that has expired, whose account has gone or
    // whose session has ended. A token seen before costs two look-ups.
    Result<Caller> verify(std::string_view token, TimePoint now);

    // Unauthenticated if it is none of ours or has expired; whether it was used before, the session knows.
    Result<RefreshClaim> openRefresh(std::string_view token, TimePoint now) const;

    const TokenLifetimes& lifetimes() const { return m_lifetimes; }

    static constexpr std::string_view personalPrefix = "hgp_";
    static constexpr const char* issuer = "headgate";

private:
    struct Verified
    {
        std::string account;
        std::string session;  // empty: of who has the shared secret
        TimePoint expiresAt;
    };
    using VerifiedPtr = std::shared_ptr<const Verified>;
    struct TextHash
    {
        using is_transparent = void;
        // Tokens differ at their ends, which are signatures; and only what was verified is kept by it.
        std::size_t operator()(std::string_view text) const
        {
            constexpr std::size_t most = 32;
            return std::hash<std::string_view>()(text.substr(text.size() - std::min(text.size(), most)));
        }
    };
    Result<Caller> verifyPersonal(std::string_view token, TimePoint now);
    void noteUse(const Account& account, const PersonalToken& token, TimePoint now);
    Result<VerifiedPtr> verified(std::string_view token, TimePoint now);
    Result<Verified> decode(std::string_view token, TimePoint now) const;

    const std::shared_ptr<TokenSigner> m_signer;
    const TokenLifetimes m_lifetimes;
    const Accounts m_accounts;
    std::mutex m_mutex;
    std::unordered_map<std::string, VerifiedPtr, TextHash, std::equal_to<>> m_verified;
    std::unordered_map<std::string, TimePoint> m_noted;  // by id of the personal token
};

// What a token of role `token` may do for an account of role `account`: no more than either.
AccountRole lesserOf(AccountRole account, AccountRole token);

}  // namespace headgate
