#pragma once

#include "core/plane/account_desk.h"
#include "core/plane/remote_client.h"

#include <functional>
#include <utility>

namespace headgate {

// The accounts of a control plane elsewhere, over its native interface.
class RemoteAccounts final : public AccountDesk
{
public:
    using Call = std::function<void(const native::HttpCall&, RemoteClient::Done)>;

    explicit RemoteAccounts(Call call) : m_call(std::move(call)) {}

    void readProfile(Done<native::UserSummary> done) override;
    void changeOwnPassword(native::PasswordWish wish, Done<CommandOutcome> done) override;
    void listTokens(Done<std::vector<PersonalToken>> done) override;
    void createToken(native::TokenWish wish, Done<MadeToken> done) override;
    void revokeToken(std::string id, Done<CommandOutcome> done) override;
    void makeStreamPass(StreamPassWish wish, Done<StreamPass> done) override;
    void listUsers(Done<std::vector<native::UserSummary>> done) override;
    void createUser(native::NewUser user, Done<CommandOutcome> done) override;
    void changeRights(std::string user, ChangeRights rights, std::uint64_t version, Done<CommandOutcome> done) override;
    void changeState(std::string user, AccountState state, std::uint64_t version, Done<CommandOutcome> done) override;
    void deleteUser(std::string user, std::uint64_t version, Done<CommandOutcome> done) override;
    void setPassword(std::string user, std::string password, Done<CommandOutcome> done) override;

private:
    void change(native::HttpCall call, Done<CommandOutcome> done);
    void readUsers(std::string cursor, std::vector<native::UserSummary> found,
                   Done<std::vector<native::UserSummary>> done);

    Call m_call;
};

}  // namespace headgate
