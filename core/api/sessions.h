#pragma once

#include "core/api/bearer_tokens.h"
#include "core/plane/engine_host.h"

#include <functional>
#include <memory>
#include <string>

namespace headgate {

struct SessionTokens
{
    std::string access;
    std::string refresh;  // empty of a Stream Manager login
    std::chrono::seconds accessLifetime{0};
    std::chrono::seconds refreshLifetime{0};
};

// The answer to a sign-in: {"accessToken","refreshToken","tokenType","expiresIn","refreshExpiresIn"}, and the access
// token as "token" as well.
nlohmann::json sessionDocument(const SessionTokens& tokens);

// Opens and renews sessions. Every `done` is called once, here or on the engine's thread, after the commit; that may be
// after the server has gone, so whoever waits keeps this alive. `host` outlives it.
class Sessions : public std::enable_shared_from_this<Sessions>
{
public:
    using Done = std::function<void(Result<SessionTokens>)>;

    enum class Form
    {
        Native,
        Dialect  // one token that holds for long, and no way to renew it
    };

    Sessions(EngineHost& host, std::shared_ptr<const BearerTokens> tokens) : m_host(host), m_tokens(std::move(tokens))
    {}

    // For whoever has shown to be `account`.
    void open(const std::string& account, const std::string& address, Form form, const Done& done);

    // Each refresh token may be used once: whoever uses one again, its session ends for everybody.
    void renew(const std::string& refreshToken, const std::string& address, const Done& done);

private:
    SessionTokens tokensOf(const std::string& account, const AccountSession& session, Form form) const;
    void endForReuse(const RefreshClaim& claim, const Done& done);

    EngineHost& m_host;
    const std::shared_ptr<const BearerTokens> m_tokens;
};

}  // namespace headgate
