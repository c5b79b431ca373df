#include "core/api/sign_in.h"

#include "core/api/passwords.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr int freeAttempts = 5;
constexpr std::chrono::seconds longestWait{60};
constexpr std::chrono::minutes forgetAfter{15};
constexpr std::size_t maxRecords = 4096;

std::string throttleKey(const Credentials& credentials)
{
    return credentials.name.substr(0, 64) + '\n' + credentials.remoteAddress;
}

SignInRefusal tooMany(std::chrono::seconds wait)
{
    const std::string seconds = std::to_string(wait.count());
    return {Error{ErrorCode::ResourceExhausted, "Too many attempts to sign in.", "Try again in " + seconds + " s.", {}},
            wait};
}

}  // namespace

std::optional<std::chrono::seconds> Throttle::begin(const std::string& key, TimePoint now)
{
    const std::lock_guard lock(m_mutex);
    forgetOld(now);
    Record& record = m_records[key];
    if (now < record.notBefore)
        return std::chrono::ceil<std::chrono::seconds>(record.notBefore - now);
    record.last = now;
    if (++record.attempts > freeAttempts) {
        const int doublings = std::min(record.attempts - freeAttempts - 1, 6);
        record.notBefore = now + std::min(std::chrono::seconds(1 << doublings), longestWait);
    }
    return std::nullopt;
}

void Throttle::succeed(const std::string& key)
{
    const std::lock_guard lock(m_mutex);
    m_records.erase(key);
}

void Throttle::forgetOld(TimePoint now)
{
    if (m_records.size() < maxRecords)
        return;
    std::erase_if(m_records, [now](const auto& entry) { return entry.second.last + forgetAfter < now; });
    if (m_records.size() >= maxRecords)
        m_records.clear();
}

SignIn::SignIn(const EngineHost& host, const Tokens& tokens, Workers& workers)
    : m_host(host), m_tokens(tokens), m_workers(workers)
{}

void SignIn::start(const Credentials& credentials, std::function<void(SignInResult)> done)
{
    if (const auto wait = m_throttle.begin(throttleKey(credentials), systemNow()))
        return done(tl::unexpected(tooMany(*wait)));
    const bool isTaken = m_workers.tryRun([this, credentials, done] { done(check(credentials)); });
    if (!isTaken)
        done(tl::unexpected(tooMany(std::chrono::seconds(1))));
}

SignInResult SignIn::check(const Credentials& credentials)
{
    const auto account = m_host.findAccount(credentials.name);
    if (!account)
        return tl::unexpected(SignInRefusal{account.error(), {}});
    const std::string hash = *account ? (*account)->passwordHash : hashOfNothing();
    const bool isShortEnough = credentials.password.size() <= maxPasswordLength;
    const bool isRight = isPasswordOf(isShortEnough ? credentials.password : std::string(), hash);
    if (!isRight || !isShortEnough || !*account)
        return tl::unexpected(SignInRefusal{
            Error{ErrorCode::Unauthenticated, "User name or password are not right.", "Check both and try again.", {}},
            {}});
    m_throttle.succeed(throttleKey(credentials));
    return m_tokens.issue(**account, systemNow());
}

TimePoint systemNow()
{
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace headgate
