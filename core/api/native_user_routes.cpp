#include "core/api/native_call.h"
#include "core/plane/passwords.h"

#include <utility>

namespace headgate {

namespace {

using native::Route;

// A call that changes an account, kept until it is answered.
struct UserWriting
{
    http::Request request;
    const native::RouteRow& row;
    std::string user;
    QueryParameters query;
    Caller caller;
    RequestId requestId;
};
using UserWritingPtr = std::shared_ptr<const UserWriting>;

// Parses the body with `read`.
template <typename Document>
Result<Document> bodyOf(const UserWriting& writing, Result<Document> (*read)(const nlohmann::json&))
{
    const auto json = native::parse(writing.request.body);
    return json ? read(*json) : tl::unexpected(json.error());
}

Result<Command> creationIn(const UserWriting& writing)
{
    auto account = bodyOf(writing, native::newUserFromJson).and_then([](const native::NewUser& user) {
        return makeAccount(user);
    });
    return account ? Result<Command>(PutAccount{std::move(*account)}) : tl::unexpected(std::move(account.error()));
}

Result<Command> passwordChangeIn(const UserWriting& writing, const std::string& keptSession)
{
    const auto wish = bodyOf(writing, native::passwordWishFromJson);
    auto hash = wish ? hashNewPassword(wish->password) : tl::unexpected(wish.error());
    if (!hash)
        return tl::unexpected(std::move(hash.error()));
    return EditAccount{writing.user, ChangePassword{std::move(*hash), keptSession}};
}

// Hashes where it is a matter of a password.
Result<Command> userCommandIn(const UserWriting& writing)
{
    switch (writing.row.route) {
    case Route::CreateUser:
        return creationIn(writing);
    case Route::ReplaceUser: {
        auto rights = bodyOf(writing, native::rightsFromJson);
        return rights ? Result<Command>(EditAccount{writing.user, std::move(*rights)})
                      : tl::unexpected(std::move(rights.error()));
    }
    case Route::DisableUser:
        return EditAccount{writing.user, ChangeAccountState{AccountState::Disabled}};
    case Route::EnableUser:
        return EditAccount{writing.user, ChangeAccountState{AccountState::Enabled}};
    case Route::SetUserPassword:
        return passwordChangeIn(writing, {});
    case Route::ChangeOwnPassword:
        return passwordChangeIn(writing, writing.caller.session);
    default:
        return DeleteAccount{writing.user};
    }
}

http::Response changedUser(const UserWriting& writing, const CommandOutcome& outcome, const std::string& name)
{
    const bool isMade = writing.row.route == Route::CreateUser && !outcome.isDryRun;
    http::Response response = jsonResponse(isMade ? 201 : 200, native::toJson(outcome));
    if (isMade)
        response.headers.emplace_back("Location", native::callTo(Route::ReadUser, name).target);
    if (outcome.version > 0 && writing.row.route != Route::DeleteUser)
        response = withVersion(std::move(response), outcome.version);
    return response;
}

void changeUser(EngineHost& host, const UserWritingPtr& writing, const http::Reply& reply)
{
    auto command = userCommandIn(*writing);
    auto request = command
                       ? commandOf(writing->request.ifMatch, writing->query, writing->caller.actor, writing->requestId)
                       : tl::unexpected(command.error());
    if (!request)
        return reply(nativeFailure(request.error(), writing->requestId));
    request->command = std::move(*command);
    std::string name = writing->user;
    if (const auto* made = std::get_if<PutAccount>(&request->command)) {
        name = made->account.name;
        request->ifVersion = 0;  // never that of one who is there
    }
    host.submit(std::move(*request), [writing, name, reply](Result<CommandOutcome> outcome) {
        if (outcome)
            return reply(changedUser(*writing, *outcome, name));
        if (writing->row.route == Route::CreateUser && outcome.error().code == ErrorCode::VersionMismatch)
            outcome.error() = {ErrorCode::AlreadyExists, "There is a user \"" + name + "\" already.", {}, "/name"};
        reply(nativeFailure(outcome.error(), writing->requestId));
    });
}

void runHashing(const ApiContext& context, const UserWritingPtr& writing, const http::Reply& reply)
{
    const bool isTaken =
        context.hashing.tryRun([&host = context.host, writing, reply] { changeUser(host, writing, reply); });
    if (!isTaken)
        reply(
            nativeFailure(Error{ErrorCode::Unavailable, "The server is busy.", "Try again.", {}}, writing->requestId));
}

http::Response oldPasswordIsWrong(const SignInRefusal& refusal, const RequestId& requestId)
{
    if (refusal.retryAfter.count() == 0)
        return nativeFailure(Error{ErrorCode::PermissionDenied, "The old password is not right.",
                                   "Check it and try again.", "/oldPassword"},
                             requestId);
    http::Response response = nativeFailure(refusal.error, 429, requestId);
    response.headers.emplace_back("Retry-After", std::to_string(refusal.retryAfter.count()));
    return response;
}

}  // namespace

http::Answer NativeRoutes::readUsers(const Call& call) const
{
    if (call.row.route == Route::ListUsers) {
        auto users = std::make_shared<std::vector<Account>>();
        for (const AccountPtr& account : m_context.host.accounts())
            users->push_back(*account);
        return page(call, std::shared_ptr<const std::vector<Account>>(std::move(users)));
    }
    const bool isOwn = call.row.route == Route::ReadProfile;
    const std::string& name = isOwn ? call.caller.actor.name : call.parameter;
    const AccountPtr account = m_context.host.findAccount(name);
    return account ? withVersion(jsonResponse(200, native::toJson(*account)), account->version)
                   : call.failure(noSuch("user", name));
}

http::Answer NativeRoutes::writeUser(const Call& call) const
{
    const bool isOwn = call.row.route == Route::ChangeOwnPassword;
    const auto writing = std::make_shared<const UserWriting>(
        UserWriting{call.request, call.row, isOwn ? call.caller.actor.name : call.parameter, call.query, call.caller,
                    call.requestId});
    if (!isOwn)
        return http::Deferred{
            [context = m_context, writing](const http::Reply& reply) { runHashing(context, writing, reply); }};
    const auto wish = bodyOf(*writing, native::passwordWishFromJson);
    if (!wish)
        return call.failure(wish.error());
    const Credentials credentials{writing->user, wish->oldPassword, call.request.remoteAddress};
    return http::Deferred{[context = m_context, writing, credentials](const http::Reply& reply) {
        context.signIn.start(credentials, [context, writing, reply](const SignInResult& result) {
            if (result)
                return changeUser(context.host, writing, reply);
            reply(oldPasswordIsWrong(result.error(), writing->requestId));
        });
    }};
}

}  // namespace headgate
