#include "core/api/tokens.h"

#include "core/api/passwords.h"
#include "core/base/check.h"

#include <jwt.h>

#include <cstdlib>
#include <memory>
#include <utility>

namespace headgate {

namespace {

constexpr std::size_t maxVerified = 4096;
constexpr std::size_t maxTokenBytes = 2048;
constexpr const char* issuer = "headgate";

using JwtPtr = std::unique_ptr<jwt_t, decltype(&jwt_free)>;

const unsigned char* bytesOf(const std::string& text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

tl::unexpected<Error> refused(const char* reason)
{
    return fail(ErrorCode::Unauthenticated, reason, "Sign in again for a new one: POST /as/v1/auth/login.");
}

}  // namespace

Tokens::Tokens(std::string key, std::chrono::seconds lifetime, AccountOf accountOf)
    : m_key(std::move(key)), m_lifetime(lifetime), m_accountOf(std::move(accountOf))
{}

// Keyed, so that a token tells nothing about the hash.
std::string Tokens::passwordMark(const Account& account) const
{
    return sha256Hex(m_key + '\n' + account.name + '\n' + account.passwordHash).substr(0, 32);
}

std::string Tokens::issue(const Account& account, TimePoint now) const
{
    jwt_t* raw = nullptr;
    HG_CHECK(jwt_new(&raw) == 0);
    const JwtPtr jwt(raw, &jwt_free);
    const long issuedAt = static_cast<long>(toEpochMs(now) / 1000);
    HG_CHECK(jwt_add_grant(raw, "iss", issuer) == 0);
    HG_CHECK(jwt_add_grant(raw, "sub", account.name.c_str()) == 0);
    HG_CHECK(jwt_add_grant_int(raw, "iat", issuedAt) == 0);
    HG_CHECK(jwt_add_grant_int(raw, "exp", issuedAt + static_cast<long>(m_lifetime.count())) == 0);
    HG_CHECK(jwt_add_grant(raw, "pwd", passwordMark(account).c_str()) == 0);
    HG_CHECK(jwt_set_alg(raw, JWT_ALG_HS256, bytesOf(m_key), static_cast<int>(m_key.size())) == 0);
    const std::unique_ptr<char, decltype(&std::free)> text(jwt_encode_str(raw), &std::free);
    HG_CHECK(text != nullptr);
    return text.get();
}

Result<Actor> Tokens::verify(std::string_view token, TimePoint now)
{
    auto verified = look(token, now);
    return verified ? Result<Actor>(std::move(verified->actor)) : tl::unexpected(std::move(verified.error()));
}

Duration Tokens::remaining(std::string_view token, TimePoint now)
{
    const auto verified = look(token, now);
    return verified ? verified->expiresAt - now : Duration(0);
}

Result<Tokens::Verified> Tokens::look(std::string_view token, TimePoint now)
{
    const std::lock_guard lock(m_mutex);
    auto known = m_verified.find(token);
    if (known == m_verified.end()) {
        if (token.empty() || token.size() > maxTokenBytes)
            return refused("The bearer token is none of ours.");
        auto verified = decode(std::string(token));
        if (!verified)
            return tl::unexpected(verified.error());
        if (m_verified.size() >= maxVerified)
            m_verified.clear();
        known = m_verified.emplace(std::string(token), std::move(*verified)).first;
    }
    const auto account = m_accountOf(known->second.actor.name);
    const bool isPresent = account && account->passwordHash == known->second.passwordHash;
    if (isPresent && now < known->second.expiresAt)
        return known->second;
    m_verified.erase(known);
    return refused(isPresent ? "The bearer token has expired." : "The account has another password by now.");
}

Result<Tokens::Verified> Tokens::decode(const std::string& token) const
{
    jwt_t* raw = nullptr;
    if (jwt_decode(&raw, token.c_str(), bytesOf(m_key), static_cast<int>(m_key.size())) != 0)
        return refused("The bearer token is none of ours or was changed on its way.");
    const JwtPtr jwt(raw, &jwt_free);
    if (jwt_get_alg(raw) != JWT_ALG_HS256)
        return refused("The bearer token is not signed with HS256.");
    const char* from = jwt_get_grant(raw, "iss");
    const char* subject = jwt_get_grant(raw, "sub");
    const char* mark = jwt_get_grant(raw, "pwd");
    const long expiresAt = jwt_get_grant_int(raw, "exp");
    if (!from || std::string_view(from) != issuer || !subject || !mark || expiresAt <= 0)
        return refused("The bearer token lacks a claim.");
    const auto account = m_accountOf(subject);
    if (!account || !isSameSecret(mark, passwordMark(*account)))
        return refused("The bearer token is of an account or a password that is there no more.");
    return Verified{Actor{subject}, account->passwordHash, fromEpochMs(std::int64_t(expiresAt) * 1000)};
}

}  // namespace headgate
