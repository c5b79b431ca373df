#pragma once

#include "core/api/call_meter.h"
#include "core/api/workers.h"
#include "core/base/time.h"
#include "core/plane/engine_host.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace headgate {

struct Credentials
{
    std::string name;
    std::string password;
    std::string remoteAddress;
};

// Slows down who guesses: some attempts are free, then the wait doubles with each, up to a minute; who rests for a
// quarter of an hour begins anew. Any thread.
class Throttle
{
public:
    explicit Throttle(int freeAttempts) : m_freeAttempts(freeAttempts) {}

    // Counts one attempt. If it comes too early: how long to wait; then it was not counted.
    std::optional<std::chrono::seconds> begin(const std::string& key, TimePoint now);

    void forget(const std::string& key);   // all attempts
    void forgive(const std::string& key);  // the last one: it was no guess

private:
    struct Record
    {
        int attempts = 0;
        TimePoint notBefore;
        TimePoint last;
    };

    void forgetOld(TimePoint now);

    const int m_freeAttempts;
    std::mutex m_mutex;
    std::map<std::string, Record> m_records;
};

// Limits of one address at one account, of one address at all of them, and of one account from everywhere: who guesses
// from many addresses is slowed down as well, but not those from where its user signed in before. Any thread.
class SignInLimits
{
public:
    // As Throttle::begin().
    std::optional<std::chrono::seconds> begin(const Credentials& credentials, TimePoint now);
    void succeed(const Credentials& credentials);

private:
    Throttle m_pairs{5};
    Throttle m_addresses{50};
    Throttle m_accounts{100};
    std::mutex m_mutex;
    std::set<std::string> m_known;  // pairs that were right
};

struct SignInRefusal
{
    Error error;
    std::chrono::seconds retryAfter{0};  // above 0: too many attempts
};

using SignInResult = tl::expected<AccountPtr, SignInRefusal>;

// Finds out whether name and password are right. Who was refused is in the audit trail: one in a second at most, and
// how many more there were.
class SignIn
{
public:
    SignIn(EngineHost& host, Workers& workers);

    // `done` is called once, here or on a worker. An unknown name costs the same time as a wrong password.
    void start(const Credentials& credentials, std::function<void(SignInResult)> done);

private:
    SignInResult check(const Credentials& credentials);
    void noteRefusal(const Credentials& credentials);

    EngineHost& m_host;
    Workers& m_workers;
    SignInLimits m_limits;
    CallMeter m_notes{CallRate{1, 20}, 0};
    std::atomic<int> m_untold = 0;
};

// The present instant; the API layer is where the clock is read.
TimePoint systemNow();

}  // namespace headgate
