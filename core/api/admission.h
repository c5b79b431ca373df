#pragma once

#include "core/api/bearer_tokens.h"
#include "core/api/call_meter.h"
#include "core/api/http_message.h"
#include "core/wire/access_table.h"

#include <string>
#include <utility>
#include <vector>

namespace headgate {

// How often who may call. Callers on this machine may as often as they like.
struct CallRates
{
    CallRate perSession{200, 1000};  // with a token that holds, whatever it is for
    CallRate perAddress{50, 200};    // all else of an address (of IPv6: of its /64)
};

// Why a call is not looked at.
struct CallRefusal
{
    Error error;
    int status = 403;
    std::vector<std::pair<std::string, std::string>> fields;  // of the answer: when to come back, and what the limit is
};

// The token out of "Authorization: Bearer ..."; empty if there is none.
std::string_view bearerIn(const http::Request& request);

// Who asks, by the bearer token.
Result<Caller> callerOf(const http::Request& request, BearerTokens& tokens);

// PermissionDenied if the rule does not let the caller through.
Result<void> checkAccess(const Caller& caller, const AccessRule& rule);

// Lets calls in: those that the table allows, and not too many of them. Any thread.
class Admission
{
public:
    Admission(BearerTokens& tokens, CallRates rates, std::uint64_t salt);

    // Who asks; without a name if the rule needs no token and none was sent.
    tl::expected<Caller, CallRefusal> admit(const http::Request& request, const AccessRule& rule);

private:
    std::optional<CallRefusal> countAddress(const http::Request& request);
    std::optional<CallRefusal> countSession(const Caller& caller, const http::Request& request);

    BearerTokens& m_tokens;
    CallMeter m_addresses;
    CallMeter m_sessions;
};

}  // namespace headgate
