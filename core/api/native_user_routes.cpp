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
    std::optional<OnceKey> once = {};
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

// A patch is applied to those that the user has.
Result<Command> rightsIn(const UserWriting& writing, const Account* present)
{
    const bool isPatch = writing.row.method == native::Method::Patch;
    auto json = native::parse(writing.request.body);
    if (isPatch && !present)
        return fail(ErrorCode::NotFound, "There is no user \"" + writing.user + "\".");
    if (json && isPatch && !json->is_object())
        return fail(ErrorCode::InvalidArgument, "A merge patch of an object is an object (RFC 7396).");
    if (json && isPatch) {
        nlohmann::json merged = native::toJson(ChangeRights{present->role, present->deployments});
        merged.merge_patch(*json);
        json = std::move(merged);
    }
    auto rights = json ? native::rightsFromJson(*json) : tl::unexpected(json.error());
    return rights ? Result<Command>(EditAccount{writing.user, std::move(*rights)})
                  : tl::unexpected(std::move(rights.error()));
}

// Hashes where it is a matter of a password.
Result<Command> userCommandIn(const UserWriting& writing, const Account* present)
{
    switch (writing.row.route) {
    case Route::CreateUser:
        return creationIn(writing);
    case Route::ReplaceUser:
        return rightsIn(writing, present);
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

http::Response refusedUser(const UserWriting& writing, const std::string& name, Error error)
{
    const bool isMismatch = error.code == ErrorCode::VersionMismatch;
    if (isMismatch && writing.row.route == Route::CreateUser)
        error = {ErrorCode::AlreadyExists, "There is a user \"" + name + "\" already.", {}, "/name"};
    else if (isMismatch && writing.row.method == native::Method::Patch && writing.request.ifMatch.empty())
        error = {ErrorCode::Conflict, "It was changed at the same time.", "Send the patch again.", {}};
    return nativeFailure(error, writing.requestId);
}

// A patch is for the version that it was applied to.
Result<void> condition(CommandRequest& request, const Account& present)
{
    if (request.ifVersion.value_or(present.version) != present.version)
        return fail(ErrorCode::VersionMismatch,
                    "User " + present.name + " has version " + std::to_string(present.version) + " by now.",
                    "Read it again.");
    request.ifVersion = present.version;
    return {};
}

void changeUser(EngineHost& host, const UserWritingPtr& writing, const http::Reply& reply)
{
    const AccountPtr present = host.findAccount(writing->user);
    auto command = userCommandIn(*writing, present.get());
    auto request = command
                       ? commandOf(writing->request.ifMatch, writing->query, writing->caller.actor, writing->requestId)
                       : tl::unexpected(command.error());
    if (request && writing->row.method == native::Method::Patch) {
        if (auto conditioned = condition(*request, *present); !conditioned)
            request = tl::unexpected(conditioned.error());
    }
    if (!request)
        return replyAgain(
            host, writing->once, reply, nativeFailure(request.error(), writing->requestId),
            [writing](const CommandOutcome& outcome) { return changedUser(*writing, outcome, writing->user); });
    request->command = std::move(*command);
    std::string name = writing->user;
    if (const auto* made = std::get_if<PutAccount>(&request->command)) {
        name = made->account.name;
        request->ifVersion = 0;  // never that of one who is there
    }
    submitOnce(host, std::move(*request), writing->once, reply, [writing, name](const Result<CommandOutcome>& outcome) {
        return outcome ? changedUser(*writing, *outcome, name) : refusedUser(*writing, name, outcome.error());
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
    Result<std::optional<OnceKey>> once;
    if (!isOwn)  // else whoever asks again has another old password by then
        once = onceKeyOf(m_context.host, call.row, call.request, call.caller.actor);
    if (!once)
        return call.failure(once.error());
    const auto writing = std::make_shared<const UserWriting>(
        UserWriting{call.request, call.row, isOwn ? call.caller.actor.name : call.parameter, call.query, call.caller,
                    call.requestId, std::move(*once)});
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
