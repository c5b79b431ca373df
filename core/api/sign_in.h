#pragma once

#include "core/api/tokens.h"
#include "core/api/workers.h"
#include "core/base/time.h"
#include "core/plane/engine_host.h"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace headgate {

// Slows down who guesses: some attempts are free, then the wait doubles with each, up to a minute. Any thread.
class Throttle
{
public:
    // Counts one attempt. If it comes too early: how long to wait; then it was not counted.
    std::optional<std::chrono::seconds> begin(const std::string& key, TimePoint now);

    void succeed(const std::string& key);

private:
    struct Record
    {
        int attempts = 0;
        TimePoint notBefore;
        TimePoint last;
    };

    void forgetOld(TimePoint now);

    std::mutex m_mutex;
    std::map<std::string, Record> m_records;
};

struct Credentials
{
    std::string name;
    std::string password;
    std::string remoteAddress;
};

struct SignInRefusal
{
    Error error;
    std::chrono::seconds retryAfter{0};  // above 0: too many attempts
};

using SignInResult = tl::expected<std::string, SignInRefusal>;

// Turns name and password into a token.
class SignIn
{
public:
    SignIn(const EngineHost& host, const Tokens& tokens, Workers& workers);

    // `done` is called once, here or on a worker. An unknown name costs the same time as a wrong password.
    void start(const Credentials& credentials, std::function<void(SignInResult)> done);

private:
    SignInResult check(const Credentials& credentials);

    const EngineHost& m_host;
    const Tokens& m_tokens;
    Workers& m_workers;
    Throttle m_throttle;
};

// The present instant; the API layer is where the clock is read.
TimePoint systemNow();

}  // namespace headgate
