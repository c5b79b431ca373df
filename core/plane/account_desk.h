#pragma once

#include "core/base/result.h"
#include "core/domain/command.h"
#include "core/wire/account_document.h"
#include "core/wire/stream_pass.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace headgate {

// A personal token as it is made: its secret is told this once.
struct MadeToken
{
    PersonalToken token;  // without the digest
    std::string secret;

    bool operator==(const MadeToken&) const = default;
};

// The users of a control plane, and what belongs to the one who looks at it. Thread and callbacks as ControlPlane's.
class AccountDesk
{
public:
    template <typename T>
    using Done = std::function<void(Result<T>)>;

    virtual ~AccountDesk() = default;

    // --- One's own. Unsupported where nobody signs in. ---
    virtual void readProfile(Done<native::UserSummary> done) = 0;
    // Ends all sessions but this one.
    virtual void changeOwnPassword(native::PasswordWish wish, Done<CommandOutcome> done) = 0;
    virtual void listTokens(Done<std::vector<PersonalToken>> done) = 0;
    virtual void createToken(native::TokenWish wish, Done<MadeToken> done) = 0;
    virtual void revokeToken(std::string id, Done<CommandOutcome> done) = 0;

    // What a node of a group with access settings wants to see of who looks at it, or publishes for a test. NotFound
    // for a node that is not of this group, PermissionDenied for who may not do that.
    virtual void makeStreamPass(StreamPassWish wish, Done<StreamPass> done) = 0;

    // --- Everybody's, by name. `version` as CommandRequest::ifVersion. ---
    virtual void listUsers(Done<std::vector<native::UserSummary>> done) = 0;
    virtual void createUser(native::NewUser user, Done<CommandOutcome> done) = 0;
    virtual void changeRights(std::string user, ChangeRights rights, std::uint64_t version,
                              Done<CommandOutcome> done) = 0;
    // To be disabled ends all sessions, and no token holds until the user is enabled again; Conflict for the last one
    // who administers everything.
    virtual void changeState(std::string user, AccountState state, std::uint64_t version,
                             Done<CommandOutcome> done) = 0;
    // With all sessions and tokens; Conflict for the last one who administers everything.
    virtual void deleteUser(std::string user, std::uint64_t version, Done<CommandOutcome> done) = 0;
    // The user is signed out.
    virtual void setPassword(std::string user, std::string password, Done<CommandOutcome> done) = 0;
};

// Where there are no users: every question is answered with the reason.
class NoAccounts final : public AccountDesk
{
public:
    explicit NoAccounts(Error reason) : m_reason(std::move(reason)) {}

    void readProfile(Done<native::UserSummary> done) override { refuse(done); }
    void changeOwnPassword(native::PasswordWish, Done<CommandOutcome> done) override { refuse(done); }
    void listTokens(Done<std::vector<PersonalToken>> done) override { refuse(done); }
    void createToken(native::TokenWish, Done<MadeToken> done) override { refuse(done); }
    void revokeToken(std::string, Done<CommandOutcome> done) override { refuse(done); }
    void makeStreamPass(StreamPassWish, Done<StreamPass> done) override
    {
        done(fail(ErrorCode::Unsupported, "This control plane gives nobody leave to watch or publish a guarded stream.",
                  "Use a player or an encoder with a token of the group."));
    }
    void listUsers(Done<std::vector<native::UserSummary>> done) override { refuse(done); }
    void createUser(native::NewUser, Done<CommandOutcome> done) override { refuse(done); }
    void changeRights(std::string, ChangeRights, std::uint64_t, Done<CommandOutcome> done) override { refuse(done); }
    void changeState(std::string, AccountState, std::uint64_t, Done<CommandOutcome> done) override { refuse(done); }
    void deleteUser(std::string, std::uint64_t, Done<CommandOutcome> done) override { refuse(done); }
    void setPassword(std::string, std::string, Done<CommandOutcome> done) override { refuse(done); }

private:
    template <typename T>
    void refuse(const Done<T>& done) const
    {
        done(tl::unexpected<Error>(m_reason));
    }

    Error m_reason;
};

}  // namespace headgate
