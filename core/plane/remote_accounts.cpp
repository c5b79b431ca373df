#include "core/plane/remote_accounts.h"

#include "core/plane/remote_answers.h"
#include "core/wire/account_calls.h"
#include "core/wire/json_reader.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_query.h"

#include <iterator>

namespace headgate {

using native::Route;

void RemoteAccounts::change(native::HttpCall call, Done<CommandOutcome> done)
{
    m_call(call, [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(decodeOne(answer, native::commandOutcomeFromJson));
    });
}

void RemoteAccounts::readProfile(Done<native::UserSummary> done)
{
    m_call(native::callTo(Route::ReadProfile), [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(decodeOne(answer, native::userSummaryFromJson));
    });
}

void RemoteAccounts::changeOwnPassword(native::PasswordWish wish, Done<CommandOutcome> done)
{
    change(native::callFor(std::move(wish)), std::move(done));
}

void RemoteAccounts::listTokens(Done<std::vector<PersonalToken>> done)
{
    m_call(native::callTo(Route::ListTokens), [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(decodeList(answer, "tokens", native::personalTokenFromJson));
    });
}

void RemoteAccounts::createToken(native::TokenWish wish, Done<MadeToken> done)
{
    m_call(native::callFor(std::move(wish)), [done = std::move(done)](const Result<HttpAnswer>& answer) {
        if (!answer)
            return done(tl::unexpected(answer.error()));
        auto token = native::personalTokenFromJson(native::withoutMember(answer->body, "secret"));
        if (!token || !answer->body.contains("secret") || !answer->body["secret"].is_string())
            return done(tl::unexpected(unexpectedAnswer()));
        done(MadeToken{std::move(*token), answer->body["secret"].get<std::string>()});
    });
}

void RemoteAccounts::revokeToken(std::string id, Done<CommandOutcome> done)
{
    change(native::callFor(native::RevokeToken{std::move(id)}), std::move(done));
}

void RemoteAccounts::makeStreamPass(StreamPassWish wish, Done<StreamPass> done)
{
    m_call(native::callFor(wish), [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(decodeOne(answer, native::streamPassFromJson));
    });
}

void RemoteAccounts::listUsers(Done<std::vector<native::UserSummary>> done)
{
    readUsers({}, {}, std::move(done));
}

// Page by page.
void RemoteAccounts::readUsers(std::string cursor, std::vector<native::UserSummary> found,
                               Done<std::vector<native::UserSummary>> done)
{
    native::HttpCall call = native::callTo(Route::ListUsers);
    if (!cursor.empty())
        call.target += native::QueryText().add("cursor", cursor).text();
    m_call(call, [this, found = std::move(found), done = std::move(done)](const Result<HttpAnswer>& answer) mutable {
        auto users = decodeList(answer, "users", native::userSummaryFromJson);
        if (!users)
            return done(tl::unexpected(users.error()));
        found.insert(found.end(), std::make_move_iterator(users->begin()), std::make_move_iterator(users->end()));
        const std::string next = answer->body.value("nextCursor", std::string());
        if (next.empty())
            return done(std::move(found));
        readUsers(next, std::move(found), std::move(done));
    });
}

void RemoteAccounts::createUser(native::NewUser user, Done<CommandOutcome> done)
{
    change(native::callFor(std::move(user)), std::move(done));
}

void RemoteAccounts::changeRights(std::string user, ChangeRights rights, std::uint64_t version,
                                  Done<CommandOutcome> done)
{
    change(native::callFor(native::ChangeUserRights{std::move(user), std::move(rights), version}), std::move(done));
}

void RemoteAccounts::changeState(std::string user, AccountState state, std::uint64_t version, Done<CommandOutcome> done)
{
    native::HttpCall call =
        native::callTo(state == AccountState::Disabled ? Route::DisableUser : Route::EnableUser, user);
    call.ifMatch = version;
    change(std::move(call), std::move(done));
}

void RemoteAccounts::deleteUser(std::string user, std::uint64_t version, Done<CommandOutcome> done)
{
    change(native::callFor(native::RemoveUser{std::move(user), version}), std::move(done));
}

void RemoteAccounts::setPassword(std::string user, std::string password, Done<CommandOutcome> done)
{
    change(native::callFor(native::SetUserPassword{std::move(user), std::move(password)}), std::move(done));
}

}  // namespace headgate
