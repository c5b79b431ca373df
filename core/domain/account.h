#pragma once

#include "core/base/time.h"
#include "core/domain/object_origin.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace headgate {

// What an account may do; core/wire/access_table.h says which calls that are.
enum class AccountRole
{
    Viewer,
    Operator,
    Scheduler,
    Admin
};

// A token that an account made for a program of its own.
struct PersonalToken
{
    std::string id;                          // 16 hexadecimal digits
    std::string name;                        // 1 to 64 bytes, for people
    std::string digest;                      // SHA-256 of its secret, hexadecimal
    AccountRole role = AccountRole::Viewer;  // holds where the account has no lower one
    TimePoint createdAt;
    TimePoint expiresAt;   // epoch 0: never
    TimePoint lastUsedAt;  // to about a day; epoch 0: never

    bool operator==(const PersonalToken&) const = default;
};

// A sign-in that holds. All its tokens end with it.
struct AccountSession
{
    std::string id;  // 32 hexadecimal digits
    TimePoint createdAt;
    TimePoint renewedAt;
    TimePoint expiresAt;
    std::uint64_t generation = 0;  // of the refresh token that may be used next; 0: it has none
    std::string address;           // of the client that signed in or renewed it last

    bool operator==(const AccountSession&) const = default;
};

enum class AccountState
{
    Enabled,
    Disabled  // cannot sign in, has no sessions, and its personal tokens do not hold
};

struct Account
{
    static constexpr std::size_t mostSessions = 64, mostTokens = 64;

    std::string name;          // 1 to 64 characters
    std::string passwordHash;  // Argon2id in PHC string form
    TimePoint createdAt;
    AccountRole role = AccountRole::Viewer;
    std::vector<std::string> deployments = {};  // sorted; what it may see and change; empty: everything
    std::uint64_t version = 1;                  // sessions and tokens do not count
    TimePoint updatedAt = {};
    std::string updatedBy = {};
    std::vector<PersonalToken> tokens = {};     // by creation
    std::vector<AccountSession> sessions = {};  // by creation
    ObjectOrigin origin = {};
    AccountState state = AccountState::Enabled;

    bool isScoped() const { return !deployments.empty(); }
    bool operator==(const Account&) const = default;
};

// --- What may be changed of one that is there. ---

// Ends every session but one ("" = all of them).
struct ChangePassword
{
    std::string passwordHash;
    std::string keptSession;
};

struct ChangeRights
{
    AccountRole role = AccountRole::Viewer;
    std::vector<std::string> deployments;
};

// To be disabled ends every session.
struct ChangeAccountState
{
    AccountState state = AccountState::Enabled;
};

struct AddPersonalToken
{
    PersonalToken token;
};

struct RevokePersonalToken
{
    std::string id;
};

struct NotePersonalTokenUse
{
    std::string id;
};

// Beyond Account::mostSessions the one that was renewed longest ago ends.
struct OpenSession
{
    AccountSession session;
};

// Conflict unless `generation` is the one that may be used next.
struct RenewSession
{
    std::string id;
    std::uint64_t generation = 0;
    TimePoint expiresAt;
    std::string address;
};

struct EndSession
{
    std::string id;      // "" = all of them
    std::string reason;  // a sentence for the audit trail
};

// Somebody was refused who wanted to sign in under the name, whether there is such an account or not.
struct NoteRefusedSignIn
{
    std::string address;
    int more = 0;  // that were refused since the one before, wherever, and are not told one by one
};

using AccountEdit =
    std::variant<ChangePassword, ChangeRights, ChangeAccountState, AddPersonalToken, RevokePersonalToken,
                 NotePersonalTokenUse, OpenSession, RenewSession, EndSession, NoteRefusedSignIn>;

// Which keys sign the tokens of sessions.
struct TokenKeys
{
    std::uint64_t generation = 0;  // grows with each rotation that somebody asks for
    TimePoint rotatedAt;           // the last time

    bool operator==(const TokenKeys&) const = default;
};

// Who asks: stands in every audit record.
struct Actor
{
    std::string name;

    bool operator==(const Actor&) const = default;
};

}  // namespace headgate
