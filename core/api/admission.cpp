#include "core/api/admission.h"

#include "core/api/api_status.h"
#include "core/api/sign_in.h"
#include "core/base/text.h"
#include "core/domain/client_place.h"
#include "core/plane/ip_address.h"
#include "core/wire/account_document.h"

#include <functional>
#include <utility>

namespace headgate {

namespace {

// RateLimit fields as in draft-ietf-httpapi-ratelimit-headers.
CallRefusal tooMany(const char* whose, const CallRate& rate, std::chrono::milliseconds wait)
{
    const std::string seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
    const std::string name = std::string("\"") + whose + "\"";
    return {Error{ErrorCode::ResourceExhausted,
                  std::string("Too many calls: a ") + whose + " may make " + std::to_string(rate.perSecond) +
                      " in a second, and " + std::to_string(rate.atOnce) + " at once after a rest.",
                  "Come back in " + seconds + " s.",
                  {}},
            429,
            {{"Retry-After", seconds},
             {"RateLimit-Policy", name + ";q=" + std::to_string(rate.perSecond) + ";w=1"},
             {"RateLimit", name + ";r=0;t=" + seconds}}};
}

CallRefusal refusalOf(Error error)
{
    const int status = httpStatus(error.code);
    return {std::move(error), status, {}};
}

std::optional<CallRefusal> counted(CallMeter& meter, const char* whose, std::uint64_t client)
{
    const auto wait = meter.count(client, std::chrono::steady_clock::now());
    return wait ? std::optional(tooMany(whose, meter.rate(), *wait)) : std::nullopt;
}

}  // namespace

std::string_view bearerIn(const http::Request& request)
{
    constexpr std::string_view scheme = "bearer ";
    const std::string_view header = request.authorization;
    const bool hasToken = header.size() > scheme.size() && isSameName(header.substr(0, scheme.size()), scheme);
    return hasToken ? header.substr(scheme.size()) : std::string_view();
}

Result<Caller> callerOf(const http::Request& request, BearerTokens& tokens)
{
    const std::string_view token = bearerIn(request);
    if (token.empty())
        return fail(ErrorCode::Unauthenticated, "This call needs a bearer token.",
                    "Sign in (POST /as/v1/auth/login) and send \"Authorization: Bearer <token>\".");
    return tokens.verify(token, systemNow());
}

Result<void> checkAccess(const Caller& caller, const AccessRule& rule)
{
    if (!isAllowed(caller.role, rule.permission))
        return fail(ErrorCode::PermissionDenied,
                    "The role of " + caller.actor.name + ", " + std::string(native::toWord(caller.role)) +
                        ", does not allow this.",
                    "An admin can give another role.");
    if (rule.reach == Reach::Everything && caller.isScoped())
        return fail(ErrorCode::PermissionDenied,
                    "This concerns more than the deployments that " + caller.actor.name + " is limited to.",
                    "An admin of everything can do it.");
    return {};
}

Admission::Admission(BearerTokens& tokens, CallRates rates, std::uint64_t salt)
    : m_tokens(tokens), m_addresses(rates.perAddress, salt), m_sessions(rates.perSession, salt)
{}

tl::expected<Caller, CallRefusal> Admission::admit(const http::Request& request, const AccessRule& rule)
{
    const bool isPublic = rule.exposure == Exposure::Public;
    if (rule.permission == Permission::Open || (isPublic && bearerIn(request).empty())) {
        if (auto refusal = countAddress(request))
            return tl::unexpected(std::move(*refusal));
        return Caller{};
    }
    auto caller = callerOf(request, m_tokens);
    if (!caller) {
        if (auto refusal = countAddress(request))
            return tl::unexpected(std::move(*refusal));
        return tl::unexpected(refusalOf(std::move(caller.error())));
    }
    if (auto refusal = countSession(*caller, request))
        return tl::unexpected(std::move(*refusal));
    if (auto access = checkAccess(*caller, rule); !access)
        return tl::unexpected(refusalOf(std::move(access.error())));
    return std::move(*caller);
}

std::optional<CallRefusal> Admission::countAddress(const http::Request& request)
{
    const ClientAddress client = clientIn(request.remoteAddress);
    return client.isKnown() ? counted(m_addresses, "address", client.number()) : std::nullopt;
}

std::optional<CallRefusal> Admission::countSession(const Caller& caller, const http::Request& request)
{
    if (!clientIn(request.remoteAddress).isKnown())
        return std::nullopt;
    const std::string& name = !caller.session.empty()         ? caller.session
                              : !caller.personalToken.empty() ? caller.personalToken
                                                              : caller.actor.name;
    return counted(m_sessions, "session", std::hash<std::string>()(name));
}

}  // namespace headgate
