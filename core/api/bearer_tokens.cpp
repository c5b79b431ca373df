#include "core/api/bearer_tokens.h"

#include "core/base/digest.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

using nlohmann::json;

constexpr std::size_t maxVerified = 4096;
constexpr std::string_view accessType = "at+jwt";  // RFC 9068
constexpr std::string_view refreshType = "rt+jwt";
constexpr const char* audience = "headgate-api";

tl::unexpected<Error> refused(const char* reason)
{
    return fail(ErrorCode::Unauthenticated, reason, "Sign in again for a new one.");
}

std::int64_t secondsOf(TimePoint at)
{
    return toEpochMs(at) / 1000;
}

json claimsOf(const std::string& account, const std::string& session, TimePoint now, TimePoint expiresAt)
{
    return {
        {"iss", BearerTokens::issuer}, {"aud", audience}, {"sub", account}, {"sid", session}, {"iat", secondsOf(now)},
        {"exp", secondsOf(expiresAt)}};
}

std::string textIn(const json& claims, const char* name)
{
    const auto claim = claims.find(name);
    return claim != claims.end() && claim->is_string() ? claim->get<std::string>() : std::string();
}

std::uint64_t numberIn(const json& claims, const char* name)
{
    const auto claim = claims.find(name);
    return claim != claims.end() && claim->is_number_unsigned() ? claim->get<std::uint64_t>() : 0;
}

Result<TimePoint> expiryIn(const json& claims, TimePoint now)
{
    constexpr std::uint64_t latest = 253'402'300'799;  // the year 9999
    const std::uint64_t expiry = numberIn(claims, "exp");
    if (textIn(claims, "iss") != BearerTokens::issuer || textIn(claims, "aud") != audience || expiry == 0 ||
        expiry > latest)
        return refused("The bearer token lacks a claim or is for somebody else.");
    const TimePoint expiresAt = fromEpochMs(static_cast<std::int64_t>(expiry) * 1000);
    if (expiresAt <= now)
        return refused("The bearer token has expired.");
    return expiresAt;
}

bool hasSession(const Account& account, const std::string& id, TimePoint now)
{
    return std::ranges::any_of(
        account.sessions, [&](const AccountSession& session) { return session.id == id && session.expiresAt > now; });
}

}  // namespace

AccountRole lesserOf(AccountRole account, AccountRole token)
{
    if (account == token || token == AccountRole::Admin)
        return account;
    return account == AccountRole::Admin ? token : AccountRole::Viewer;
}

BearerTokens::BearerTokens(std::shared_ptr<TokenSigner> signer, TokenLifetimes lifetimes, Accounts accounts)
    : m_signer(std::move(signer)), m_lifetimes(lifetimes), m_accounts(std::move(accounts))
{}

std::string BearerTokens::access(const std::string& account, const AccountSession& session,
                                 std::chrono::seconds lifetime, TimePoint now) const
{
    return m_signer->sign(claimsOf(account, session.id, now, now + lifetime), accessType, now);
}

std::string BearerTokens::refresh(const std::string& account, const AccountSession& session, TimePoint now) const
{
    json claims = claimsOf(account, session.id, now, session.expiresAt);
    claims["gen"] = session.generation;
    return m_signer->sign(claims, refreshType, now);
}

Result<RefreshClaim> BearerTokens::openRefresh(std::string_view token, TimePoint now) const
{
    const auto opened = m_signer->open(token, refreshType, now);
    const auto expiry = opened ? expiryIn(opened->claims, now) : tl::unexpected(opened.error());
    if (!expiry)
        return tl::unexpected(expiry.error());
    const json& claims = opened->claims;
    return RefreshClaim{textIn(claims, "sub"), textIn(claims, "sid"), numberIn(claims, "gen")};
}

Result<Caller> BearerTokens::verify(std::string_view token, TimePoint now)
{
    if (token.starts_with(personalPrefix))
        return verifyPersonal(token, now);
    const auto verification = verified(token, now);
    if (!verification)
        return tl::unexpected(verification.error());
    const VerifiedPtr& known = *verification;
    const AccountPtr account = m_accounts.byName(known->account);
    if (account && account->state == AccountState::Disabled)
        return refused("The user of this token is disabled.");
    if (!account || (!known->session.empty() && !hasSession(*account, known->session, now)))
        return refused("The session of this token has ended.");
    if (known->expiresAt <= now)
        return refused("The bearer token has expired.");
    return Caller{Actor{account->name}, account->role, account->deployments, known->session};
}

Result<Caller> BearerTokens::verifyPersonal(std::string_view token, TimePoint now)
{
    const std::string_view rest = token.substr(personalPrefix.size());
    const std::string id(rest.substr(0, rest.find('_')));
    const AccountPtr account = rest.size() > id.size() ? m_accounts.byToken(id) : nullptr;
    if (!account)
        return refused("The personal token was revoked or never made.");
    const auto stored = std::ranges::find(account->tokens, id, &PersonalToken::id);
    const std::string digest = toHex(sha256(rest.substr(id.size() + 1)));
    if (stored == account->tokens.end() || !isSameSecret(digest, stored->digest))
        return refused("The personal token was revoked or never made.");
    if (account->state == AccountState::Disabled)
        return refused("The user of this token is disabled.");
    const bool isEndless = stored->expiresAt == TimePoint();
    if (!isEndless && stored->expiresAt <= now)
        return refused("The personal token has expired.");
    noteUse(*account, *stored, now);
    return Caller{Actor{account->name}, lesserOf(account->role, stored->role), account->deployments, {}, id};
}

void BearerTokens::noteUse(const Account& account, const PersonalToken& token, TimePoint now)
{
    if (now - token.lastUsedAt < std::chrono::hours(24))
        return;
    {
        const std::lock_guard lock(m_mutex);
        TimePoint& noted = m_noted[token.id];
        if (now - noted < std::chrono::minutes(1))
            return;
        noted = now;
    }
    m_accounts.noteUse(account.name, token.id);
}

Result<BearerTokens::VerifiedPtr> BearerTokens::verified(std::string_view token, TimePoint now)
{
    {
        const std::lock_guard lock(m_mutex);
        if (const auto known = m_verified.find(token); known != m_verified.end())
            return known->second;
    }
    auto decoded = decode(token, now);
    if (!decoded)
        return tl::unexpected(std::move(decoded.error()));
    auto fresh = std::make_shared<const Verified>(std::move(*decoded));
    const std::lock_guard lock(m_mutex);
    if (m_verified.size() >= maxVerified)
        m_verified.clear();
    m_verified.emplace(std::string(token), fresh);
    return fresh;
}

Result<BearerTokens::Verified> BearerTokens::decode(std::string_view token, TimePoint now) const
{
    const auto opened = m_signer->open(token, accessType, now);
    const auto expiry = opened ? expiryIn(opened->claims, now) : tl::unexpected(opened.error());
    if (!expiry)
        return tl::unexpected(expiry.error());
    Verified verified{textIn(opened->claims, "sub"), textIn(opened->claims, "sid"), *expiry};
    if (opened->isOurs && verified.session.empty())
        return refused("The bearer token lacks a claim.");
    return verified;
}

}  // namespace headgate
