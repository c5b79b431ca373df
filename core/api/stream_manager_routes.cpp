#include "core/api/api_status.h"
#include "core/api/stream_manager_call.h"
#include "core/base/text.h"
#include "core/wire/base64.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_routes.h"
#include "core/wire/stream_manager_operations.h"

#include <algorithm>
#include <array>

namespace headgate {

namespace {

using native::Json;

// Empty if a segment has a malformed escape.
std::vector<std::string> segmentsOf(std::string_view path)
{
    std::vector<std::string> segments;
    constexpr std::size_t usual = 8;
    segments.reserve(usual);
    const bool isPlain = path.find('%') == std::string_view::npos;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        if (isPlain) {
            segments.emplace_back(segment);
            continue;
        }
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
    if (path.ends_with('/'))
        path.remove_suffix(1);
    return std::ranges::find(paths, path) != paths.end();
}

bool isTalkPath(std::string_view path)
{
    return path.starts_with("/as/v1/proxy/ws/");
}

// What belongs to the dialect and is not there yet: saying so beats a bare 404.
bool isLaterPath(std::span<const std::string> path)
{
    constexpr std::array<std::string_view, 4> services = {"proxy", "conference", "autoscale", "terraform"};
    return std::ranges::find(services, path[0]) != services.end();
}

http::Response noSuchCall(const std::string& path, const std::string& allowedMethods)
{
    if (!allowedMethods.empty())
        return wrongMethod(allowedMethods);
    const std::vector<std::string> all = segmentsOf(path);
    if (all.size() > 2 && all[1] == "v1" && isLaterPath(std::span(all).subspan(2)))
        return streamManagerFailure(
            Error{ErrorCode::Unsupported, "This server does not offer " + all[2] + " calls of this kind yet.", {}, {}});
    return nothingHere(path);
}

// Basic in the header, else {"username","password"} in the body.
std::optional<Credentials> credentialsIn(const http::Request& request)
{
    constexpr std::string_view scheme = "Basic ";
    if (isSameName(request.authorization.substr(0, scheme.size()), scheme)) {
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

http::Response refusedSignIn(const SignInRefusal& refusal)
{
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

http::Answer later(Workers& workers, std::function<http::Response()> make)
{
    return http::Deferred{[&workers, make = std::move(make)](http::Reply reply) {
        if (!workers.tryRun([make, reply] { reply(make()); }))
            reply(tooManyWait());
    }};
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
    Call call{request, requestId, QueryParameters(request.query), m_context.host.snapshot(), {}};
    const DialectMatch match = matchDialect(methodWord(request.method), request.path);
    if (!match.rule)
        return noSuchCall(request.path, match.allowedMethods);
    auto caller = admit(request, *match.rule);
    if (!caller)
        return streamManagerFailure(caller.error());
    call.snapshot = m_context.scoped->of(*caller, call.snapshot);
    call.caller = std::move(*caller);
    return dispatch(call);
}

tl::expected<Caller, CallRefusal> StreamManagerRoutes::admit(const http::Request& request, const AccessRule& rule) const
{
    auto caller = m_context.admission.admit(request, rule);
    if (caller || caller.error().status != 401 || !(isSignallingPath(request.path) || isTalkPath(request.path)))
        return caller;
    http::Request unsigned_ = request;
    unsigned_.authorization.clear();
    return m_context.admission.admit(unsigned_, rule);
}

StoredPlanPtr StreamManagerRoutes::planFor(const Call& call) const
{
    return seenBy(call.caller, m_context.host.plan(), *call.snapshot);
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
    // What is asked most often goes first.
    if (rest.size() > 1 && rest[0] == "streams" && rest[1] == "stream")
        return streamsOfGroup(call, rest.subspan(2));
    if (rest[0] == "auth" && rest.size() == 2 && rest[1] == "login")
        return signIn(call);
    if (rest[0] == "proxy" && rest.size() == 2 && rest[1] == "forward")
        return forward(call);
    if (isSignallingPath(path))
        return signal(call, rest[1] == "whip" ? RoutePurpose::Publish : RoutePurpose::Subscribe, rest.subspan(2));
    if (isTalkPath(path))
        return talk(call, rest[2] == "publish" ? RoutePurpose::Publish : RoutePurpose::Subscribe, rest.subspan(3));
    if (rest.size() == 3 && rest[1] == "v3" && rest[2] == "api-docs")
        return description(call, rest[0]);
    if (isLaterPath(rest))
        return streamManagerFailure(Error{
            ErrorCode::Unsupported, "This server does not offer " + rest[0] + " calls of this kind yet.", {}, {}});
    if (rest[0] == "admin" && rest.size() > 1 && rest[1] == "nodegroup")
        return nodeGroups(call, rest.subspan(2));
    if (rest[0] == "admin" && rest.size() > 1 && rest[1] == "evaluate")
        return evaluate(call, rest.subspan(2));
    if (rest[0] == "admin" && rest.size() > 2 && rest[1] == "terraform")
        return terraform(call, rest.subspan(2));
    if (rest[0] == "admin" && rest.size() > 1 && rest[1] == "rtcproxy")
        return proxiedSessions(call, rest.subspan(2));
    if (rest[0] == "streams" && rest.size() > 1 && rest[1] == "provision")
        return provisions(call, rest.subspan(2));
    if (rest[0] == "streams" && rest.size() > 1 && rest[1] == "mixer")
        return mixerEvents(call, rest.subspan(2));
    if (rest[0] == "streams" && rest.size() > 1 && rest[1] == "images")
        return mixerImages(call, rest.subspan(2));
    if (rest[0] == "nodegroups")
        return plainNodeGroups(call, rest.subspan(1));
    if (rest[0] == "streams")
        return rest.size() == 1 ? plainStreams(call) : plainLocation(call, rest.subspan(1));
    return nothingHere(path);
}

// `done` is the answer, unless it is a dry run.
http::Answer StreamManagerRoutes::submit(const Call& call, Command command, http::Response done,
                                         const std::string& ifMatch) const
{
    if (const auto reached = checkReach(call.caller, command, *call.snapshot, *m_context.host.plan()); !reached)
        return streamManagerFailure(reached.error());
    auto request = commandOf(ifMatch, call.query, call.caller.actor, call.requestId);
    if (!request)
        return streamManagerFailure(request.error());
    request->command = std::move(command);
    return http::Deferred{
        [&host = m_context.host, request = std::move(*request), done = std::move(done)](http::Reply reply) {
            host.submit(request, [reply, done](const Result<CommandOutcome>& outcome) {
                if (!outcome)
                    return reply(streamManagerFailure(outcome.error()));
                reply(outcome->isDryRun ? jsonResponse(200, native::toJson(*outcome)) : done);
            });
        }};
}

http::Answer StreamManagerRoutes::description(const Call& call, const std::string& service) const
{
    const Json document = stream_manager::apiDocument(service);
    if (document.is_null())
        return nothingHere(call.request.path);
    return call.is(http::Method::Get) ? http::Answer(jsonResponse(200, document)) : wrongMethod("GET");
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
        context.signIn.start(
            credentials, [context, address = credentials.remoteAddress, reply](const SignInResult& result) {
                if (!result)
                    return reply(refusedSignIn(result.error()));
                const auto answer = [reply](const Result<SessionTokens>& tokens) {
                    reply(tokens ? jsonResponse(200, sessionDocument(*tokens)) : streamManagerFailure(tokens.error()));
                };
                context.sessions->open((*result)->name, address, Sessions::Form::Dialect, answer);
            });
    }};
}

}  // namespace headgate
