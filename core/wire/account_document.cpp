#include "core/wire/account_document.h"

#include "core/wire/json_reader.h"
#include "core/wire/json_writer.h"
#include "core/wire/native_image_fields.h"

#include <utility>

namespace headgate::native {

void describe(auto& f, Either<PersonalToken> auto& token)
{
    f.required("id", token.id);
    f.required("name", token.name);
    f.required("digest", token.digest);
    f.required("role", token.role);
    f.required("createdAt", token.createdAt);
    f.instantOrNever("expiresAt", token.expiresAt);
    f.instantOrNever("lastUsedAt", token.lastUsedAt);
}

void describe(auto& f, Either<AccountSession> auto& session)
{
    f.required("id", session.id);
    f.required("createdAt", session.createdAt);
    f.required("renewedAt", session.renewedAt);
    f.required("expiresAt", session.expiresAt);
    f.required("generation", session.generation);
    f.required("address", session.address);
}

void describe(auto& f, Either<ChangeRights> auto& rights)
{
    f.required("role", rights.role);
    f.optional("deployments", rights.deployments);
}

void describe(auto& f, Either<UserSummary> auto& user)
{
    f.required("name", user.name);
    f.required("role", user.role);
    f.required("deployments", user.deployments);
    f.required("version", user.version);
    f.required("createdAt", user.createdAt);
    f.required("updatedAt", user.updatedAt);
    f.required("updatedBy", user.updatedBy);
    f.required("tokens", user.tokens);
    f.required("sessions", user.sessions);
    f.optional("state", user.state);
    f.optional("uid", user.origin.uid);
    f.optional("createdBy", user.origin.createdBy);
}

void describe(auto& f, Either<NewUser> auto& user)
{
    f.required("name", user.name);
    f.required("password", user.password);
    f.required("role", user.role);
    f.optional("deployments", user.deployments);
}

void describe(auto& f, Either<PasswordWish> auto& wish)
{
    f.required("password", wish.password);
    f.optional("oldPassword", wish.oldPassword);
}

void describe(auto& f, Either<Login> auto& login)
{
    f.required("username", login.username);
    f.required("password", login.password);
}

void describe(auto& f, Either<Renewal> auto& renewal)
{
    f.required("refreshToken", renewal.refreshToken);
}

void describe(auto& f, Either<TokenWish> auto& wish)
{
    f.required("name", wish.name);
    f.required("role", wish.role);
    f.instantOrNever("expiresAt", wish.expiresAt);
}

namespace {

// What of an account has no column of its own.
struct StoredPart
{
    std::vector<std::string> deployments;
    std::vector<PersonalToken> tokens;
    std::vector<AccountSession> sessions;
    AccountState state = AccountState::Enabled;
};

void describe(auto& f, Either<StoredPart> auto& part)
{
    f.optional("deployments", part.deployments);
    f.optional("tokens", part.tokens);
    f.optional("sessions", part.sessions);
    f.optional("state", part.state);
}

}  // namespace

std::string_view toWord(AccountRole role)
{
    static constexpr auto words = wordsOf(AccountRole{});
    return words[static_cast<std::size_t>(role)];
}

std::string_view toWord(AccountState state)
{
    static constexpr auto words = wordsOf(AccountState{});
    return words[static_cast<std::size_t>(state)];
}

Result<AccountRole> accountRoleFromWord(std::string_view word)
{
    AccountRole role{};
    if (auto read = Decode::value(Json(word), role); !read)
        return tl::unexpected(std::move(read.error()));
    return role;
}

Json rightsDocument(const Account& account)
{
    return {{"name", account.name},
            {"role", toWord(account.role)},
            {"deployments", account.deployments},
            {"state", toWord(account.state)}};
}

UserSummary summaryOf(const Account& account)
{
    return {account.name,
            account.role,
            account.deployments,

            account.version,
            account.createdAt,
            account.updatedAt,
            account.updatedBy,
            static_cast<int>(account.tokens.size()),
            static_cast<int>(account.sessions.size()),
            account.state,
            account.origin};
}

Json toJson(const Account& account)
{
    return Encode::value(summaryOf(account));
}

Result<UserSummary> userSummaryFromJson(const Json& json)
{
    return decodeDocument<UserSummary>(json);
}

Json toJson(const PersonalToken& token)
{
    return withoutMember(Encode::value(token), "digest");
}

Result<PersonalToken> personalTokenFromJson(const Json& json)
{
    if (!json.is_object())
        return decodeDocument<PersonalToken>(json);
    Json whole = json;
    whole["digest"] = "";
    return decodeDocument<PersonalToken>(whole);
}

Json toJson(const AccountSession& session)
{
    return withoutMember(Encode::value(session), "generation");
}

Json toJson(const ChangeRights& rights)
{
    return Encode::value(rights);
}

Result<ChangeRights> rightsFromJson(const Json& json)
{
    return decodeDocument<ChangeRights>(json);
}

Json toJson(const NewUser& user)
{
    return Encode::value(user);
}

Result<NewUser> newUserFromJson(const Json& json)
{
    return decodeDocument<NewUser>(json);
}

Result<PasswordWish> passwordWishFromJson(const Json& json)
{
    return decodeDocument<PasswordWish>(json);
}

Result<Login> loginFromJson(const Json& json)
{
    return decodeDocument<Login>(json);
}

Json toJson(const Renewal& renewal)
{
    return Encode::value(renewal);
}

Result<Renewal> renewalFromJson(const Json& json)
{
    return decodeDocument<Renewal>(json);
}

Json toJson(const TokenWish& wish)
{
    return Encode::value(wish);
}

Result<TokenWish> tokenWishFromJson(const Json& json)
{
    return decodeDocument<TokenWish>(json);
}

Json storedPartOf(const Account& account)
{
    return Encode::value(StoredPart{account.deployments, account.tokens, account.sessions, account.state});
}

Result<void> takeStoredPart(const Json& json, Account& account)
{
    auto part = decodeDocument<StoredPart>(json);
    if (!part)
        return tl::unexpected(std::move(part.error()));
    account.deployments = std::move(part->deployments);
    account.tokens = std::move(part->tokens);
    account.sessions = std::move(part->sessions);
    account.state = part->state;
    return {};
}

}  // namespace headgate::native
