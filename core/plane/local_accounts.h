#pragma once

#include "core/plane/local_control_plane.h"

namespace headgate {

// The accounts of the control plane in this process. Whoever sits at this machine needs none and is none of them.
class LocalControlPlane::Accounts final : public AccountDesk
{
public:
    explicit Accounts(LocalControlPlane& plane) : m_plane(plane) {}

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
    LocalControlPlane& m_plane;
};

}  // namespace headgate
