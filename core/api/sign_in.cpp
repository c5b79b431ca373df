#include "core/api/sign_in.h"

#include "core/base/digest.h"
#include "core/plane/ip_address.h"
#include "core/plane/passwords.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr std::chrono::seconds longestWait{60};
constexpr std::chrono::minutes forgetAfter{15};
constexpr std::size_t maxRecords = 4096;

std::string accountKey(const Credentials& credentials)
{
    return credentials.name.substr(0, 64);
}

// Of IPv6 the first 64 bits: all behind them are one household's.
std::string addressKey(const Credentials& credentials)
{
    const auto bytes = addressBytes(credentials.remoteAddress);
    if (!bytes || isIpv4(*bytes))
        return credentials.remoteAddress;
    return toHex(std::string(bytes->begin(), bytes->begin() + 8));
}

std::string pairKey(const Credentials& credentials)
{
    return accountKey(credentials) + '\n' + addressKey(credentials);
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
    if (record.last + forgetAfter < now)
        record = {};
    record.last = now;
    if (++record.attempts > m_freeAttempts) {
        const int doublings = std::min(record.attempts - m_freeAttempts - 1, 6);
        record.notBefore = now + std::min(std::chrono::seconds(1 << doublings), longestWait);
    }
    return std::nullopt;
}

void Throttle::forget(const std::string& key)
{
    const std::lock_guard lock(m_mutex);
    m_records.erase(key);
}

void Throttle::forgive(const std::string& key)
{
    const std::lock_guard lock(m_mutex);
    const auto record = m_records.find(key);
    if (record == m_records.end() || --record->second.attempts <= 0)
        m_records.erase(key);
    else
        record->second.notBefore = {};
}

void Throttle::forgetOld(TimePoint now)
{
    if (m_records.size() < maxRecords)
        return;
    std::erase_if(m_records, [now](const auto& entry) { return entry.second.last + forgetAfter < now; });
    // Those who make up names go first, and nobody is forgiven for their sake.
    for (int most = 1; m_records.size() >= maxRecords; most *= 2)
        std::erase_if(m_records, [most](const auto& entry) { return entry.second.attempts <= most; });
}

std::optional<std::chrono::seconds> SignInLimits::begin(const Credentials& credentials, TimePoint now)
{
    const std::string pair = pairKey(credentials);
    if (const auto wait = m_pairs.begin(pair, now))
        return wait;
    if (const auto wait = m_addresses.begin(addressKey(credentials), now))
        return wait;
    const std::lock_guard lock(m_mutex);
    return m_known.contains(pair) ? std::nullopt : m_accounts.begin(accountKey(credentials), now);
}

void SignInLimits::succeed(const Credentials& credentials)
{
    const std::string pair = pairKey(credentials);
    m_pairs.forget(pair);
    m_addresses.forgive(addressKey(credentials));
    m_accounts.forgive(accountKey(credentials));
    const std::lock_guard lock(m_mutex);
    if (m_known.size() >= maxRecords)
        m_known.clear();
    m_known.insert(pair);
}

SignIn::SignIn(EngineHost& host, Workers& workers) : m_host(host), m_workers(workers)
{}

void SignIn::start(const Credentials& credentials, std::function<void(SignInResult)> done)
{
    if (const auto wait = m_limits.begin(credentials, systemNow())) {
        ++m_untold;
        return done(tl::unexpected(tooMany(*wait)));
    }
    const bool isTaken = m_workers.tryRun([this, credentials, done] { done(check(credentials)); });
    if (!isTaken)
        done(tl::unexpected(tooMany(std::chrono::seconds(1))));
}

SignInResult SignIn::check(const Credentials& credentials)
{
    const auto account = m_host.findAccount(credentials.name);
    const std::string hash = account ? account->passwordHash : hashOfNothing();
    const bool isShortEnough = credentials.password.size() <= maxPasswordLength;
    const bool isRight = isPasswordOf(isShortEnough ? credentials.password : std::string(), hash);
    const bool mayComeIn = account && account->state == AccountState::Enabled;
    if (!isRight || !isShortEnough || !mayComeIn) {
        noteRefusal(credentials);
        return tl::unexpected(SignInRefusal{
            Error{ErrorCode::Unauthenticated, "User name or password are not right.", "Check both and try again.", {}},
            {}});
    }
    m_limits.succeed(credentials);
    return account;
}

void SignIn::noteRefusal(const Credentials& credentials)
{
    constexpr std::uint64_t everybody = 1;
    if (m_notes.count(everybody, std::chrono::steady_clock::now())) {
        ++m_untold;
        return;
    }
    CommandRequest request;
    request.command = EditAccount{credentials.name, NoteRefusedSignIn{credentials.remoteAddress, m_untold.exchange(0)}};
    request.actor = Actor{"sign-in"};
    m_host.submit(std::move(request), [](const Result<CommandOutcome>&) {});
}

TimePoint systemNow()
{
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace headgate
