#pragma once

#include "core/base/time.h"
#include "core/domain/access_settings.h"
#include "core/media/hub/access_pass.h"

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace headgate {

// What a token that holds says beyond that.
struct TokenBearer
{
    std::string user;
    std::string session;  // one at a time may use it; empty: as many as come
};

// Unauthenticated without a token, PermissionDenied for one that does not hold or is for something else.
using TokenVerdict = Result<TokenBearer>;

// "stream:user:role:k=v:app:expiration:digest": the name of the stream and its scope, streamer or viewer, any number of
// properties, seconds or milliseconds since 1970, and the lower-case hexadecimal SHA-256 of what stands before the last
// colon with ":" and the secret after it. Digests are compared in the same time whatever they are.
TokenVerdict checkDigestToken(const AccessRequest& request, const std::string& secret, TimePoint now);

// JSON Web Tokens in compact form with the claims stream ("live/show"), role ("streamer" or "viewer") and exp, and as
// one likes sub, nbf, address (of the client) and session. The algorithm is the settings', never the token's choice.
class JwtCheck
{
public:
    // What no key can be read from lets nobody in.
    explicit JwtCheck(const JwtSettings& settings);

    // Unavailable as well, if there is no key.
    TokenVerdict check(const AccessRequest& request, TimePoint now) const;

private:
    bool isSigned(std::string_view text, const std::string& signature) const;

    JwtAlgorithm m_algorithm;
    std::string m_secret;
    std::shared_ptr<evp_pkey_st> m_key;
};

}  // namespace headgate
