#pragma once

#include "core/domain/command.h"
#include "core/plane/ctl/token_place.h"
#include "core/plane/remote_client.h"

#include <memory>
#include <optional>
#include <string>

namespace headgate::ctl {

enum class Authorization
{
    None,
    Token
};

// "90", "90s", "10m" or "2h" as seconds; none if the option was not given.
Outcome<std::optional<int>> secondsOf(const Arguments& arguments, const std::string& option);

// Whom an https server must have its certificate from: the option, the environment, what login kept beside the token
// file; in PEM, empty for the authorities of the system. WrongUsage if the file cannot be read or holds none.
Outcome<std::string> authoritiesOf(const Arguments& arguments);
Outcome<void> keepAuthorities(const Arguments& arguments);  // those that the command line named

// Calls the control plane and waits for each answer.
class Session
{
public:
    // NotSignedIn if there is no token and one is needed.
    static Outcome<std::unique_ptr<Session>> open(const Arguments& arguments, Authorization authorization);

    // The body, an object.
    Outcome<nlohmann::json> get(const native::HttpCall& call);
    Outcome<HttpAnswer> call(const native::HttpCall& call);
    // A change, under an idempotency key of its own: where the answer does not come it is asked for again, for some
    // seconds, and yet made once.
    Outcome<HttpAnswer> callOnce(native::HttpCall call);
    Outcome<CommandOutcome> submit(const Command& command, Execution execution,
                                   std::optional<std::uint64_t> ifVersion = {});
    Outcome<KeptTokens> signIn(const std::string& user, const std::string& password);

    // With a token that has just held; it is renewed if need be.
    QNetworkRequest requestTo(const native::HttpCall& call);

    // What calls carry; renewed by the newest of them if need be.
    const std::string& accessToken() const { return m_tokens.access; }

    const TokenPlace& tokenPlace() const { return m_place; }

    // See RemoteClient::lastWaiting().
    const std::optional<WaitingPlace>& lastWaiting() const { return m_client.lastWaiting(); }

    std::string server() const { return m_client.server().toString().toStdString(); }

private:
    Session(QUrl server, KeptTokens tokens, TokenPlace place, Authorization authorization)
        : m_authorization(authorization),
          m_tokens(std::move(tokens)),
          m_place(std::move(place)),
          m_client(std::move(server), m_tokens.access)
    {}
    Failure failure(Error error) const;
    Result<HttpAnswer> ask(const native::HttpCall& call);
    // With the refresh token, or what another process got with it meanwhile.
    Result<void> renew();

    Authorization m_authorization;
    KeptTokens m_tokens;
    TokenPlace m_place;
    RemoteClient m_client;
};

}  // namespace headgate::ctl
