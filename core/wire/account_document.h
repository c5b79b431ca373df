#pragma once

#include "core/base/result.h"
#include "core/domain/account.h"

#include <nlohmann/json.hpp>

#include <string_view>
#include <vector>

// Users and what belongs to them. Nothing but the store's document has a hash.
namespace headgate::native {

std::string_view toWord(AccountRole role);
std::string_view toWord(AccountState state);
Result<AccountRole> accountRoleFromWord(std::string_view word);

// {"name","role","deployments","state"}
nlohmann::json rightsDocument(const Account& account);

// The same with version, times and the numbers of tokens and sessions.
struct UserSummary
{
    std::string name;
    AccountRole role = AccountRole::Viewer;
    std::vector<std::string> deployments;
    std::uint64_t version = 0;
    TimePoint createdAt;
    TimePoint updatedAt;
    std::string updatedBy;
    int tokens = 0;
    int sessions = 0;
    AccountState state = AccountState::Enabled;
    ObjectOrigin origin = {};

    bool operator==(const UserSummary&) const = default;
};
UserSummary summaryOf(const Account& account);
nlohmann::json toJson(const Account& account);
Result<UserSummary> userSummaryFromJson(const nlohmann::json& json);

nlohmann::json toJson(const PersonalToken& token);
Result<PersonalToken> personalTokenFromJson(const nlohmann::json& json);  // without the digest
nlohmann::json toJson(const AccountSession& session);

// {"role","deployments"}; without deployments it is all of them.
nlohmann::json toJson(const ChangeRights& rights);
Result<ChangeRights> rightsFromJson(const nlohmann::json& json);

// {"name","password","role","deployments"}
struct NewUser
{
    std::string name;
    std::string password;
    AccountRole role = AccountRole::Viewer;
    std::vector<std::string> deployments;
};
nlohmann::json toJson(const NewUser& user);
Result<NewUser> newUserFromJson(const nlohmann::json& json);

// {"password","oldPassword"}; the old one is needed for one's own.
struct PasswordWish
{
    std::string password;
    std::string oldPassword;
};
Result<PasswordWish> passwordWishFromJson(const nlohmann::json& json);

// {"username","password"}
struct Login
{
    std::string username;
    std::string password;
};
Result<Login> loginFromJson(const nlohmann::json& json);

// {"refreshToken"}
struct Renewal
{
    std::string refreshToken;
};
nlohmann::json toJson(const Renewal& renewal);
Result<Renewal> renewalFromJson(const nlohmann::json& json);

// {"name","role","expiresAt"}; without expiresAt it holds until it is revoked.
struct TokenWish
{
    std::string name;
    AccountRole role = AccountRole::Viewer;
    TimePoint expiresAt;
};
nlohmann::json toJson(const TokenWish& wish);
Result<TokenWish> tokenWishFromJson(const nlohmann::json& json);

// --- What the store keeps beside the columns: {"deployments","tokens","sessions","state"}. ---

nlohmann::json storedPartOf(const Account& account);
Result<void> takeStoredPart(const nlohmann::json& json, Account& account);

}  // namespace headgate::native
