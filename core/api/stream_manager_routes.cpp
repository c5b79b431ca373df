#include "core/api/api_status.h"
#include "core/api/stream_manager_call.h"
#include "core/wire/base64.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_routes.h"

#include <algorithm>
#include <array>

namespace headgate {

namespace {

using native::Json;

// Empty if a segment has a malformed escape.
std::vector<std::string> segmentsOf(std::string_view path)
{
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        auto decoded = native::percentDecoded(segment);
        if (!decoded)
            return {};
        segments.push_back(std::move(*decoded));
    }
    if (!segments.empty() && segments.back().empty())
        segments.pop_back();
    return segments;
}

bool isHealthPath(std::string_view path)
{
    constexpr std::array<std::string_view, 5> paths = {"/as/v1/admin/healthz", "/as/v1/streams/stream/healthz",
                                                       "/as/v1/autoscale/healthz", "/as/v1/conference/healthz",
                                                       "/as/v1/auth/healthz"};
    return std::ranges::find(paths, path) != paths.end();
}

// What belongs to the dialect and is not there yet: saying so beats a bare 404.
bool isLaterPath(std::span<const std::string> path)
{
    constexpr std::array<std::string_view, 4> services = {"proxy", "conference", "autoscale", "terraform"};
    constexpr std::array<std::string_view, 3> streamServices = {"provision", "mixer", "images"};
    const auto has = [](const auto& words, const std::string& word) {
        return std::ranges::find(words, word) != words.end();
    };
    if (has(services, path[0]))
        return true;
    if (path.size() < 2)
        return false;
    return (path[0] == "streams" && has(streamServices, path[1])) || (path[0] == "admin" && path[1] == "rtcproxy");
}

// Basic in the header, else {"username","password"} in the body.
std::optional<Credentials> credentialsIn(const http::Request& request)
{
    constexpr std::string_view scheme = "Basic ";
    if (request.authorization.starts_with(scheme)) {
        const auto text = base64Decoded(std::string_view(request.authorization).substr(scheme.size()));
        const auto colon = text ? text->find(':') : std::string::npos;
        if (colon == std::string::npos)
            return std::nullopt;
        return Credentials{text->substr(0, colon), text->substr(colon + 1), request.remoteAddress};
    }
    const auto json = native::parse(request.body);
    if (!json || !json->is_object())
        return std::nullopt;
    const auto name = json->find("username");
    const auto password = json->find("password");
    if (name == json->end() || password == json->end() || !name->is_string() || !password->is_string())
        return std::nullopt;
    return Credentials{name->get<std::string>(), password->get<std::string>(), request.remoteAddress};
}

http::Response sessionResponse(const SignInResult& result, std::chrono::seconds lifetime)
{
    if (result)
        return jsonResponse(200, Json{{"token", *result},
                                      {"accessToken", *result},
                                      {"tokenType", "Bearer"},
                                      {"expiresIn", lifetime.count()}});
    const SignInRefusal& refusal = result.error();
    if (refusal.retryAfter.count() == 0)
        return streamManagerFailure(refusal.error);
    http::Response response = streamManagerFailure(refusal.error, 429);
    response.headers.emplace_back("Retry-After", std::to_string(refusal.retryAfter.count()));
    return response;
}

}  // namespace

http::Response wrongMethod(const std::string& allowed)
{
    http::Response response =
        streamManagerFailure(Error{ErrorCode::InvalidArgument, "This path takes " + allowed + " only.", {}, {}}, 405);
    response.headers.emplace_back("Allow", allowed);
    return response;
}

http::Response nothingHere(const std::string& path)
{
    return streamManagerFailure(Error{ErrorCode::NotFound, "There is nothing at " + path + ".", {}, {}});
}

std::string joined(std::span<const std::string> segments)
{
    std::string text;
    for (const std::string& segment : segments)
        text.append(text.empty() ? "" : "/").append(segment);
    return text;
}

http::Answer StreamManagerRoutes::answer(const http::Request& request, const RequestId& requestId) const
{
    const Call call{request, requestId, QueryParameters(request.query), m_context.host.snapshot(), {}};
    return dispatch(call);
}

http::Answer StreamManagerRoutes::dispatch(const Call& call) const
{
    const std::string& path = call.request.path;
    if (isHealthPath(path))
        return call.is(http::Method::Get) ? jsonResponse(200, Json{{"status", "UP"}}) : wrongMethod("GET");
    const std::vector<std::string> all = segmentsOf(path);
    if (all.size() < 3 || all[1] != "v1")
        return nothingHere(path);
    const Segments rest = Segments(all).subspan(2);
    if (rest[0] == "auth" && rest.size() == 2 && rest[1] == "login")
        return signIn(call);
    if (rest[0] == "proxy" && rest.size() == 2 && rest[1] == "forward")
        return forward(call);
    if (isLaterPath(rest))
        return streamManagerFailure(Error{
            ErrorCode::Unsupported, "This server does not offer " + rest[0] + " calls of this kind yet.", {}, {}});
    if (rest[0] == "streams" && rest.size() > 1 && rest[1] == "stream")
        return streamsOfGroup(call, rest.subspan(2));
    const auto actor = actorOf(call.request, m_context.tokens);
    if (!actor)
        return streamManagerFailure(actor.error());
    Call known = call;
    known.actor = *actor;
    if (rest[0] == "admin" && rest.size() > 1 && rest[1] == "nodegroup")
        return nodeGroups(known, rest.subspan(2));
    if (rest[0] == "admin" && rest.size() > 1 && rest[1] == "evaluate")
        return evaluate(known, rest.subspan(2));
    if (rest[0] == "admin" && rest.size() > 2 && rest[1] == "terraform")
        return terraform(known, rest.subspan(2));
    if (rest[0] == "nodegroups")
        return plainNodeGroups(known, rest.subspan(1));
    if (rest[0] == "streams")
        return rest.size() == 1 ? plainStreams(known) : plainLocation(known, rest.subspan(1));
    return nothingHere(path);
}

http::Answer StreamManagerRoutes::signIn(const Call& call) const
{
    if (!call.is(http::Method::Put) && !call.is(http::Method::Post))
        return wrongMethod("PUT, POST");
    auto credentials = credentialsIn(call.request);
    if (!credentials)
        return streamManagerFailure(
            Error{ErrorCode::Unauthenticated,
                  "The request has no user name and password.",
                  "Send \"Authorization: Basic ...\", or a JSON body with username and password.",
                  {}});
    return http::Deferred{[context = m_context, credentials = std::move(*credentials)](http::Reply reply) {
        context.signIn.start(credentials, [reply, lifetime = context.tokens.lifetime()](const SignInResult& result) {
            reply(sessionResponse(result, lifetime));
        });
    }};
}

}  // namespace headgate
