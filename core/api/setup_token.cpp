#include "core/api/setup_token.h"

#include "core/plane/passwords.h"

#include <utility>

namespace headgate {

namespace {

constexpr std::size_t wrongTriesPerMinute = 5;

}  // namespace

std::string newSetupToken()
{
    return randomHex(16);
}

std::string setupTokenDigest(const std::string& token)
{
    return sha256Hex(token);
}

SetupToken::SetupToken(std::string digest) : m_digest(std::move(digest))
{}

Result<void> SetupToken::take(const std::string& token, TimePoint now)
{
    const std::lock_guard lock(m_mutex);
    if (m_digest.empty() || m_isTaken)
        return fail(ErrorCode::NotFound, "There is nothing to set up: an account is there already.",
                    "Sign in with it: POST /as/v1/auth/login.");
    while (!m_wrongTries.empty() && m_wrongTries.front() + std::chrono::minutes(1) <= now)
        m_wrongTries.pop_front();
    if (m_wrongTries.size() >= wrongTriesPerMinute)
        return fail(ErrorCode::ResourceExhausted, "Too many wrong setup tokens.", "Try again in a minute.");
    if (isSameSecret(sha256Hex(token), m_digest)) {
        m_isTaken = true;
        return {};
    }
    m_wrongTries.push_back(now);
    return fail(ErrorCode::Unauthenticated, "The setup token is wrong.",
                "It stands in what the server printed at its start; a new start prints a new one.", "/token");
}

void SetupToken::giveBack()
{
    const std::lock_guard lock(m_mutex);
    m_isTaken = false;
}

}  // namespace headgate
