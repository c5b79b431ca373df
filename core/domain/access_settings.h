#pragma once

#include "core/base/result.h"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// What decides who may publish and watch, beyond names and roles. What a node cannot find out is refused.
enum class AccessKind
{
    None,         // everybody may
    RoundTrip,    // the operator's own service is asked, as Stream Manager 2.0 nodes do
    DigestToken,  // "stream:user:role:k=v:app:expiration:digest", as Red5 Cloud makes them
    Jwt           // a JSON Web Token that names stream and role
};

enum class JwtAlgorithm
{
    EdDsa,
    Es256,
    Rs256,
    Hs256
};

// Stream Manager's categories of events.
enum class WebhookCategory
{
    Connect,
    Publish,
    Subscribe,
    WebSocket,
    Media  // recordings and their pictures
};

struct RoundTripSettings
{
    static constexpr int shortestMs = 100, longestMs = 10'000;

    std::string validateUrl;    // http or https; asked before each session
    std::string invalidateUrl;  // told when a session that was let in is over; empty: nobody
    int timeoutMs = 3000;       // of one question; no answer is a refusal

    bool operator==(const RoundTripSettings&) const = default;
};

struct JwtSettings
{
    JwtAlgorithm algorithm = JwtAlgorithm::EdDsa;  // the only one that is taken, whatever a token says
    std::string publicKey;                         // PEM; of all but HS256
    std::string secret;                            // of HS256; sealed

    bool operator==(const JwtSettings&) const = default;
};

struct WebhookSettings
{
    std::string url;                  // http or https; empty: no webhooks
    std::string secret;               // signs them; sealed; empty: they are not signed
    std::set<WebhookCategory> muted;  // not told

    bool operator==(const WebhookSettings&) const = default;
};

// Who may use the nodes of a group, and who is told of it. Obeyed by running nodes for new sessions.
struct AccessSettings
{
    AccessKind kind = AccessKind::None;
    RoundTripSettings roundTrip;
    std::string digestSecret;  // sealed
    JwtSettings jwt;
    WebhookSettings webhooks;

    bool operator==(const AccessSettings&) const = default;
};

// Secrets are sealed before they are stored or shown; this is what they begin with then.
constexpr std::string_view sealedPrefix = "sealed:";

// Puts change(secret, pointer) in the place of each secret that is not empty. Pointers are relative ("/jwt/secret").
void changeSecrets(AccessSettings& settings,
                   const std::function<std::string(const std::string& secret, const char* pointer)>& change);

// All violations; pointers are relative to the settings.
std::vector<Error> validate(const AccessSettings& settings);

}  // namespace headgate
