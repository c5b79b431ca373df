#include "core/wire/account_calls.h"

#include "core/wire/native_codec.h"

namespace headgate::native {
namespace {

HttpCall withBody(HttpCall call, const nlohmann::json& body)
{
    call.body = write(body);
    return call;
}

struct AccountCall
{
    HttpCall operator()(const NewUser& user) const { return withBody(callTo(Route::CreateUser), toJson(user)); }
    HttpCall operator()(const ChangeUserRights& wish) const
    {
        HttpCall call = withBody(callTo(Route::ReplaceUser, wish.user), toJson(wish.rights));
        call.ifMatch = wish.version;
        return call;
    }
    HttpCall operator()(const RemoveUser& wish) const
    {
        HttpCall call = callTo(Route::DeleteUser, wish.user);
        call.ifMatch = wish.version;
        return call;
    }
    HttpCall operator()(const SetUserPassword& wish) const
    {
        return withBody(callTo(Route::SetUserPassword, wish.user), {{"password", wish.password}});
    }
    HttpCall operator()(const PasswordWish& wish) const
    {
        return withBody(callTo(Route::ChangeOwnPassword),
                        {{"password", wish.password}, {"oldPassword", wish.oldPassword}});
    }
    HttpCall operator()(const TokenWish& wish) const { return withBody(callTo(Route::CreateToken), toJson(wish)); }
    HttpCall operator()(const RevokeToken& wish) const { return callTo(Route::RevokeToken, wish.id); }
};

}  // namespace

HttpCall callFor(const AccountWish& wish)
{
    return std::visit(AccountCall(), wish);
}

}  // namespace headgate::native
