#pragma once

#include "core/wire/account_document.h"
#include "core/wire/native_routes.h"

#include <cstdint>
#include <string>
#include <variant>

// What can be asked about users, and the calls by which it is.
namespace headgate::native {

struct ChangeUserRights
{
    std::string user;
    ChangeRights rights;
    std::uint64_t version = 0;  // of the user, as it was seen
};

struct RemoveUser
{
    std::string user;
    std::uint64_t version = 0;
};

struct SetUserPassword
{
    std::string user;
    std::string password;
};

struct RevokeToken
{
    std::string id;
};

// PasswordWish and TokenWish are one's own.
using AccountWish =
    std::variant<NewUser, ChangeUserRights, RemoveUser, SetUserPassword, PasswordWish, TokenWish, RevokeToken>;

HttpCall callFor(const AccountWish& wish);

}  // namespace headgate::native
