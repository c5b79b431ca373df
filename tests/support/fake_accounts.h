#pragma once

#include "core/plane/account_desk.h"

#include <string>
#include <utility>
#include <vector>

namespace headgate::test {

// Users whose answers the test chooses. Answers come at once.
class FakeAccounts : public AccountDesk
{
public:
    void readProfile(Done<native::UserSummary> done) override { done(profile); }
    void changeOwnPassword(native::PasswordWish wish, Done<CommandOutcome> done) override
    {
        passwordWishes.push_back(std::move(wish));
        done(answer);
    }
    void listTokens(Done<std::vector<PersonalToken>> done) override { done(tokens); }
    void createToken(native::TokenWish wish, Done<MadeToken> done) override
    {
        tokenWishes.push_back(std::move(wish));
        done(madeToken);
    }
    void revokeToken(std::string id, Done<CommandOutcome> done) override
    {
        revoked.push_back(std::move(id));
        done(answer);
    }
    void makeStreamPass(StreamPassWish wish, Done<StreamPass> done) override
    {
        passWishes.push_back(std::move(wish));
        done(pass);
    }
    void listUsers(Done<std::vector<native::UserSummary>> done) override { done(users); }
    void createUser(native::NewUser user, Done<CommandOutcome> done) override
    {
        newUsers.push_back(std::move(user));
        done(answer);
    }
    void changeRights(std::string user, ChangeRights rights, std::uint64_t version, Done<CommandOutcome> done) override
    {
        changedRights.push_back({std::move(user), std::move(rights), version});
        done(answer);
    }
    void changeState(std::string user, AccountState state, std::uint64_t, Done<CommandOutcome> done) override
    {
        changedStates.emplace_back(std::move(user), state);
        done(answer);
    }
    void deleteUser(std::string user, std::uint64_t, Done<CommandOutcome> done) override
    {
        deleted.push_back(std::move(user));
        done(answer);
    }
    void setPassword(std::string user, std::string password, Done<CommandOutcome> done) override
    {
        newPasswords.emplace_back(std::move(user), std::move(password));
        done(answer);
    }

    struct ChangedRights
    {
        std::string user;
        ChangeRights rights;
        std::uint64_t version = 0;
    };

    // What was asked, and what is answered.
    std::vector<native::PasswordWish> passwordWishes;
    std::vector<native::TokenWish> tokenWishes;
    std::vector<StreamPassWish> passWishes;
    Result<StreamPass> pass = StreamPass{"headgate-pass.a.b.c", std::chrono::seconds(300)};
    std::vector<std::string> revoked;
    std::vector<native::NewUser> newUsers;
    std::vector<std::string> deleted;
    std::vector<ChangedRights> changedRights;
    std::vector<std::pair<std::string, AccountState>> changedStates;
    std::vector<std::pair<std::string, std::string>> newPasswords;
    Result<CommandOutcome> answer = CommandOutcome{};
    Result<native::UserSummary> profile = native::UserSummary{};
    Result<std::vector<native::UserSummary>> users = std::vector<native::UserSummary>{};
    Result<std::vector<PersonalToken>> tokens = std::vector<PersonalToken>{};
    Result<MadeToken> madeToken = MadeToken{};
};

}  // namespace headgate::test
