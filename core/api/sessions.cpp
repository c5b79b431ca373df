#include "core/api/sessions.h"

#include "core/api/sign_in.h"
#include "core/plane/passwords.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

constexpr std::size_t idBytes = 16;

CommandRequest requestFor(const std::string& account, AccountEdit edit)
{
    CommandRequest request;
    request.command = EditAccount{account, std::move(edit)};
    request.actor = Actor{account};
    return request;
}

tl::unexpected<Error> sessionHasEnded()
{
    return fail(ErrorCode::Unauthenticated, "The session has ended.", "Sign in again.");
}

}  // namespace

nlohmann::json sessionDocument(const SessionTokens& tokens)
{
    nlohmann::json document{{"token", tokens.access},
                            {"accessToken", tokens.access},
                            {"tokenType", "Bearer"},
                            {"expiresIn", tokens.accessLifetime.count()}};
    if (!tokens.refresh.empty()) {
        document["refreshToken"] = tokens.refresh;
        document["refreshExpiresIn"] = tokens.refreshLifetime.count();
    }
    return document;
}

SessionTokens Sessions::tokensOf(const std::string& account, const AccountSession& session, Form form) const
{
    const TimePoint now = systemNow();
    const TokenLifetimes& lifetimes = m_tokens->lifetimes();
    const auto lifetime = form == Form::Dialect ? lifetimes.dialect : lifetimes.access;
    SessionTokens tokens{m_tokens->access(account, session, lifetime, now), {}, lifetime, {}};
    if (form == Form::Native) {
        tokens.refresh = m_tokens->refresh(account, session, now);
        tokens.refreshLifetime = lifetimes.refresh;
    }
    return tokens;
}

void Sessions::open(const std::string& account, const std::string& address, Form form, const Done& done)
{
    const TimePoint now = systemNow();
    const bool isNative = form == Form::Native;
    const auto lifetime = isNative ? m_tokens->lifetimes().refresh : m_tokens->lifetimes().dialect;
    const AccountSession session{randomHex(idBytes), now, now, now + lifetime, isNative ? 1U : 0U, address};
    m_host.submit(requestFor(account, OpenSession{session}), [self = shared_from_this(), account, session, form,
                                                              done](const Result<CommandOutcome>& outcome) {
        done(outcome ? Result<SessionTokens>(self->tokensOf(account, session, form)) : tl::unexpected(outcome.error()));
    });
}

void Sessions::renew(const std::string& refreshToken, const std::string& address, const Done& done)
{
    const TimePoint now = systemNow();
    const auto claim = m_tokens->openRefresh(refreshToken, now);
    if (!claim)
        return done(tl::unexpected(claim.error()));
    const AccountPtr account = m_host.findAccount(claim->account);
    if (!account)
        return done(sessionHasEnded());
    const auto found = std::ranges::find(account->sessions, claim->session, &AccountSession::id);
    if (found == account->sessions.end())
        return done(sessionHasEnded());
    AccountSession next = *found;
    next.generation = claim->generation + 1;
    next.expiresAt = now + m_tokens->lifetimes().refresh;
    m_host.submit(requestFor(claim->account, RenewSession{next.id, claim->generation, next.expiresAt, address}),
                  [self = shared_from_this(), claim = *claim, next, done](const Result<CommandOutcome>& outcome) {
                      if (outcome)
                          return done(self->tokensOf(claim.account, next, Form::Native));
                      if (outcome.error().code == ErrorCode::Conflict)
                          return self->endForReuse(claim, done);
                      const bool isGone = outcome.error().code == ErrorCode::NotFound;
                      done(isGone ? sessionHasEnded() : tl::unexpected(outcome.error()));
                  });
}

void Sessions::endForReuse(const RefreshClaim& claim, const Done& done)
{
    const std::string reason =
        "A refresh token of " + claim.account + " was used twice: somebody else may have it, so its session ended.";
    m_host.submit(requestFor(claim.account, EndSession{claim.session, reason}),
                  [done](const Result<CommandOutcome>&) { done(sessionHasEnded()); });
}

}  // namespace headgate
