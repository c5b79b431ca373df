#include "core/plane/local_accounts.h"

#include "core/plane/node_secrets.h"
#include "core/plane/passwords.h"

#include <chrono>
#include <utility>

namespace headgate {

namespace {

tl::unexpected<Error> nobodySignsIn()
{
    return fail(ErrorCode::Unsupported,
                "Nobody signs in to the cluster of this machine: whoever sits here may do everything.",
                "Users are for headgatectl, the API and consoles elsewhere.");
}

CommandRequest requestFor(Command command)
{
    CommandRequest request;
    request.command = std::move(command);
    request.actor.name = "console";
    return request;
}

}  // namespace

void LocalControlPlane::Accounts::readProfile(Done<native::UserSummary> done)
{
    done(nobodySignsIn());
}

void LocalControlPlane::Accounts::changeOwnPassword(native::PasswordWish, Done<CommandOutcome> done)
{
    done(nobodySignsIn());
}

void LocalControlPlane::Accounts::listTokens(Done<std::vector<PersonalToken>> done)
{
    done(nobodySignsIn());
}

void LocalControlPlane::Accounts::createToken(native::TokenWish, Done<MadeToken> done)
{
    done(nobodySignsIn());
}

void LocalControlPlane::Accounts::revokeToken(std::string, Done<CommandOutcome> done)
{
    done(nobodySignsIn());
}

void LocalControlPlane::Accounts::makeStreamPass(StreamPassWish wish, Done<StreamPass> done)
{
    const EngineHost& host = m_plane.m_host;
    const TimePoint now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    done(grantStreamPass(*host.snapshot(), host.derivedKey(nodeCredentialPurpose), wish, "console", now));
}

void LocalControlPlane::Accounts::listUsers(Done<std::vector<native::UserSummary>> done)
{
    std::vector<native::UserSummary> users;
    for (const AccountPtr& account : m_plane.m_host.accounts())
        users.push_back(native::summaryOf(*account));
    done(std::move(users));
}

// Hashing takes its time.
void LocalControlPlane::Accounts::createUser(native::NewUser user, Done<CommandOutcome> done)
{
    m_plane.m_readers.start([&host = m_plane.m_host, user = std::move(user), answer = m_plane.expect(std::move(done))] {
        auto account = makeAccount(user);
        if (!account)
            return answer(tl::unexpected(std::move(account.error())));
        CommandRequest request = requestFor(PutAccount{std::move(*account)});
        request.ifVersion = 0;  // never that of one who is there
        host.submit(std::move(request), [answer, name = user.name](Result<CommandOutcome> outcome) {
            if (!outcome && outcome.error().code == ErrorCode::VersionMismatch)
                outcome = fail(ErrorCode::AlreadyExists, "There is a user \"" + name + "\" already.", {}, "/name");
            answer(std::move(outcome));
        });
    });
}

void LocalControlPlane::Accounts::changeRights(std::string user, ChangeRights rights, std::uint64_t version,
                                               Done<CommandOutcome> done)
{
    CommandRequest request = requestFor(EditAccount{std::move(user), std::move(rights)});
    request.ifVersion = version;
    m_plane.submit(std::move(request), std::move(done));
}

void LocalControlPlane::Accounts::changeState(std::string user, AccountState state, std::uint64_t version,
                                              Done<CommandOutcome> done)
{
    CommandRequest request = requestFor(EditAccount{std::move(user), ChangeAccountState{state}});
    request.ifVersion = version;
    m_plane.submit(std::move(request), std::move(done));
}

void LocalControlPlane::Accounts::deleteUser(std::string user, std::uint64_t version, Done<CommandOutcome> done)
{
    CommandRequest request = requestFor(DeleteAccount{std::move(user)});
    request.ifVersion = version;
    m_plane.submit(std::move(request), std::move(done));
}

void LocalControlPlane::Accounts::setPassword(std::string user, std::string password, Done<CommandOutcome> done)
{
    m_plane.m_readers.start([&host = m_plane.m_host, user = std::move(user), password = std::move(password),
                             answer = m_plane.expect(std::move(done))] {
        auto hash = hashNewPassword(password);
        if (!hash)
            return answer(tl::unexpected(std::move(hash.error())));
        host.submit(requestFor(EditAccount{user, ChangePassword{std::move(*hash), {}}}), answer);
    });
}

}  // namespace headgate
