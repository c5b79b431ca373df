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

// Answers what a command about the caller's own account led to.
void submitEdit(const ApiContext& context, const Caller& caller, const RequestId& requestId, AccountEdit edit,
                std::function<http::Response(const CommandOutcome&)> success, const http::Reply& reply)
{
    CommandRequest request;
    request.command = EditAccount{caller.actor.name, std::move(edit)};
    request.actor = caller.actor;
    request.requestId = requestId;
    context.host.submit(std::move(request), [requestId, success, reply](const Result<CommandOutcome>& outcome) {
        reply(outcome ? success(*outcome) : nativeFailure(outcome.error(), requestId));
    });
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
    return http::Deferred{
        [context = m_context, caller = call.caller, requestId = call.requestId, token, made](const http::Reply& reply) {
            submitEdit(
                context, caller, requestId, AddPersonalToken{token},
                [made](const CommandOutcome&) { return jsonResponse(201, made); }, reply);
        }};
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
    return http::Deferred{
        [context = m_context, caller = call.caller, requestId = call.requestId, edit](const http::Reply& reply) {
            submitEdit(context, caller, requestId, edit, plainOutcome, reply);
        }};
}

}  // namespace headgate
