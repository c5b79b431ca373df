#include "core/api/native_call.h"
#include "core/base/digest.h"
#include "core/plane/passwords.h"

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

using native::Json;
using native::Route;

constexpr std::size_t tokenIdBytes = 8;
constexpr std::size_t tokenSecretBytes = 32;

http::Response refusedSignIn(const SignInRefusal& refusal, const RequestId& requestId)
{
    if (refusal.retryAfter.count() == 0)
        return nativeFailure(refusal.error, requestId);
    http::Response response = nativeFailure(refusal.error, 429, requestId);
    response.headers.emplace_back("Retry-After", std::to_string(refusal.retryAfter.count()));
    return response;
}

Sessions::Done answering(const http::Reply& reply, const RequestId& requestId, int status)
{
    return [reply, requestId, status](const Result<SessionTokens>& tokens) {
        reply(tokens ? jsonResponse(status, sessionDocument(*tokens)) : nativeFailure(tokens.error(), requestId));
    };
}

// Answers what a command about the caller's own account led to. Sessions and tokens have no version for If-Match.
template <typename Call>
http::Answer submitEdit(EngineHost& host, const Call& call, AccountEdit edit,
                        std::function<http::Response(const CommandOutcome&)> success)
{
    auto request = commandOf({}, call.query, call.caller.actor, call.requestId);
    auto once = onceKeyOf(host, call.row, call.request, call.caller.actor);
    if (!request || !once)
        return call.failure(request ? once.error() : request.error());
    request->command = EditAccount{call.caller.actor.name, std::move(edit)};
    return http::Deferred{[&host, request = std::move(*request), once = std::move(*once),
                           success = std::move(success)](const http::Reply& reply) {
        submitOnce(host, request, once, reply,
                   [requestId = request.requestId, success](const Result<CommandOutcome>& outcome) {
                       return outcome ? success(*outcome) : nativeFailure(outcome.error(), requestId);
                   });
    }};
}

bool hasToken(const EngineHost& host, const std::string& account, const std::string& id)
{
    const AccountPtr owner = host.findAccount(account);
    return owner && std::ranges::find(owner->tokens, id, &PersonalToken::id) != owner->tokens.end();
}

Error madeBefore(const std::string& token)
{
    return Error{
        ErrorCode::Conflict,
        "The token " + token +
            " was made by an earlier call with this Idempotency-Key, and its secret is "
            "told once.",
        "If that answer was lost, revoke the token (GET and DELETE /api/v1/tokens) and make one with a new key.",
        {}};
}

http::Response plainOutcome(const CommandOutcome& outcome)
{
    return jsonResponse(200, native::toJson(outcome));
}

}  // namespace

http::Answer NativeRoutes::signIn(const Call& call) const
{
    const auto wish = native::parse(call.request.body).and_then(native::loginFromJson);
    if (!wish)
        return call.failure(wish.error());
    const Credentials credentials{wish->username, wish->password, call.request.remoteAddress};
    return http::Deferred{[context = m_context, credentials, requestId = call.requestId](const http::Reply& reply) {
        context.signIn.start(credentials, [context, credentials, requestId, reply](const SignInResult& result) {
            if (!result)
                return reply(refusedSignIn(result.error(), requestId));
            context.sessions->open((*result)->name, credentials.remoteAddress, Sessions::Form::Native,
                                   answering(reply, requestId, 201));
        });
    }};
}

http::Answer NativeRoutes::renewSession(const Call& call) const
{
    const auto wish = native::parse(call.request.body).and_then(native::renewalFromJson);
    if (!wish)
        return call.failure(wish.error());
    return http::Deferred{[context = m_context, token = wish->refreshToken, address = call.request.remoteAddress,
                           requestId = call.requestId](const http::Reply& reply) {
        context.sessions->renew(token, address, answering(reply, requestId, 200));
    }};
}

http::Answer NativeRoutes::readOwn(const Call& call) const
{
    const AccountPtr account = m_context.host.findAccount(call.caller.actor.name);
    if (!account)
        return call.failure(noSuch("user", call.caller.actor.name));
    if (call.row.route == Route::ListTokens)
        return jsonResponse(200, listOf("tokens", account->tokens));
    Json list = Json::array();
    for (const AccountSession& session : account->sessions) {
        list.push_back(native::toJson(session));
        list.back()["isThis"] = session.id == call.caller.session;
    }
    return jsonResponse(200, Json{{"sessions", std::move(list)}});
}

http::Answer NativeRoutes::createToken(const Call& call) const
{
    // Else whoever finds one keeps what it opens, even after it was revoked.
    if (!call.caller.personalToken.empty())
        return call.failure(Error{
            ErrorCode::PermissionDenied, "A personal token makes no other ones.", "Sign in, and make it then.", {}});
    auto wish = native::parse(call.request.body).and_then(native::tokenWishFromJson);
    if (!wish)
        return call.failure(wish.error());
    if (lesserOf(call.caller.role, wish->role) != wish->role)
        return call.failure(Error{ErrorCode::PermissionDenied, "A token may do no more than who makes it.",
                                  "Choose a role that you have.", "/role"});
    const std::string secret = randomHex(tokenSecretBytes);
    PersonalToken token{randomHex(tokenIdBytes), wish->name, toHex(sha256(secret)), wish->role, {},
                        wish->expiresAt,         {}};
    Json made = native::toJson(token);
    made["createdAt"] = toRfc3339(systemNow());
    made["secret"] = std::string(BearerTokens::personalPrefix) + token.id + "_" + secret;
    // Whoever asks again gets the outcome of the first call, whose token is another one than this.
    return submitEdit(m_context.host, call, AddPersonalToken{token},
                      [&host = m_context.host, account = call.caller.actor.name, requestId = call.requestId, token,
                       made](const CommandOutcome& outcome) {
                          if (outcome.isDryRun)
                              return plainOutcome(outcome);
                          return hasToken(host, account, token.id) ? jsonResponse(201, made)
                                                                   : nativeFailure(madeBefore(token.name), requestId);
                      });
}

http::Answer NativeRoutes::endOwn(const Call& call) const
{
    AccountEdit edit = RevokePersonalToken{call.parameter};
    if (call.row.route == Route::EndSession) {
        const std::string id = call.parameter == "current" ? call.caller.session : call.parameter;
        if (id.empty())
            return call.failure(noSuch("session", call.parameter));
        edit = EndSession{id, "A session of " + call.caller.actor.name + " was ended by its user."};
    }
    return submitEdit(m_context.host, call, std::move(edit), plainOutcome);
}

}  // namespace headgate
