#pragma once

#include "core/api/admission.h"
#include "core/api/bearer_tokens.h"
#include "core/api/event_hub.h"
#include "core/api/forwarder.h"
#include "core/api/http_message.h"
#include "core/api/job_waits.h"
#include "core/api/proxied_sessions.h"
#include "core/api/public_access.h"
#include "core/api/sessions.h"
#include "core/api/setup_token.h"
#include "core/api/sign_in.h"
#include "core/api/signalling_talk.h"
#include "core/api/workers.h"
#include "core/plane/engine_host.h"
#include "core/wire/access_table.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// What the routes of both dialects work with.
struct ApiContext
{
    EngineHost& host;
    BearerTokens& tokens;
    Admission& admission;
    PublicAccess publicAccess;
    SignIn& signIn;
    std::shared_ptr<Sessions> sessions;
    std::shared_ptr<SetupToken> setupToken;
    std::shared_ptr<EventHubs> events;
    std::shared_ptr<Forwarder> forwarder;
    std::shared_ptr<JobWaits> jobWaits;
    std::shared_ptr<ProxiedSessions> proxied;
    std::shared_ptr<ClientShares> talks;  // who signals over a WebSocket
    std::shared_ptr<ScopedSnapshots> scoped;
    Workers& hashing;
    Workers& reading;
    Workers& publicReading;  // for those without a token, so that they hold up nobody else
    Workers& storage;        // disks and stores of recordings, which may take long
    Workers& planning;
};

// The query of a request; names in any case, the first of a name counts, values percent-decoded.
class QueryParameters
{
public:
    explicit QueryParameters(std::string_view query);

    std::optional<std::string> find(std::string_view name) const;
    std::string value(std::string_view name, std::string otherwise = {}) const;

    // "true" or "1", "false" or "0"; InvalidArgument for anything else.
    Result<bool> flag(std::string_view name, bool otherwise) const;

    // InvalidArgument if it is no integer from `least` to `most`.
    Result<std::int64_t> number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                std::int64_t most) const;

    std::span<const std::pair<std::string, std::string>> entries() const { return m_entries; }

private:
    std::vector<std::pair<std::string, std::string>> m_entries;
};

// "GET" ...
std::string_view methodWord(http::Method method);

// What conditions a write: If-Match ("" for none), dryRun, request id.
Result<CommandRequest> commandOf(const std::string& ifMatch, const QueryParameters& query, Actor actor,
                                 RequestId requestId);

http::Response jsonResponse(int status, const nlohmann::json& body);
http::Response nativeFailure(const Error& error, const RequestId& requestId);
http::Response nativeFailure(const Error& error, int status, const RequestId& requestId);
http::Response nativeFailure(const CallRefusal& refusal, const RequestId& requestId);
http::Response streamManagerFailure(const Error& error);
http::Response streamManagerFailure(const CallRefusal& refusal);
// Adds when to come back (Retry-After), with which ticket (Headgate-Ticket) and how many asked before (Headgate-Ahead),
// if the refused one may wait.
http::Response withWaiting(http::Response response, const RouteRefusal& refusal);
http::Response streamManagerFailure(const Error& error, int status);

// "a,b,,c" -> a, b, c
std::vector<std::string> commaList(const std::string& text);

}  // namespace headgate
