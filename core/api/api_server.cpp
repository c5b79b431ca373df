#include "core/api/api_server.h"

#include "core/api/answer_counts.h"
#include "core/api/api_context.h"
#include "core/api/native_call.h"
#include "core/api/native_routes.h"
#include "core/api/origin_policy.h"
#include "core/api/own_names.h"
#include "core/api/prometheus_page.h"
#include "core/api/stream_manager_routes.h"
#include "core/api/web_pages.h"
#include "core/plane/ip_address.h"
#include "core/plane/passwords.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <utility>

namespace headgate {

namespace {

constexpr int hashingThreads = 2;
constexpr std::size_t maxWaitingLogins = 32;
constexpr std::size_t maxWaitingReads = 256;
constexpr std::size_t maxWaitingForStorage = 16;
constexpr std::size_t maxWaitingPlans = 16;

bool isStreamManagerPath(const std::string& path)
{
    return path.starts_with("/as/");
}

bool isRequestId(const std::string& text)
{
    const auto isSafe = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    };
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, isSafe);
}

bool isMetricsPath(const std::string& path)
{
    return path == "/metrics" ||
           path == "/streams/metrics";  // the second is the one of Stream Manager's streams service
}

void noteTokenUse(EngineHost& host, const std::string& account, const std::string& id)
{
    CommandRequest request;
    request.command = EditAccount{account, NotePersonalTokenUse{id}};
    request.actor = Actor{account};
    host.submit(std::move(request), [](const Result<CommandOutcome>&) {});
}

std::uint64_t tableSalt()
{
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
}

// Readers of events leave places to clients that signal.
std::size_t readersOf(const http::Limits& limits)
{
    return limits.feeds > limits.dialogues ? limits.feeds - limits.dialogues : limits.feeds;
}

ErrorCode codeOf(int status)
{
    return status == 503 || status == 429 ? ErrorCode::ResourceExhausted : ErrorCode::InvalidArgument;
}

}  // namespace

class ApiServer::Private
{
public:
    Private(ApiOptions options, EngineHost& host)
        : m_policy(ownNames(options.listenAddress, options.hostNames), options.allowedOrigins),
          m_tokens(std::make_shared<BearerTokens>(
              std::make_shared<TokenSigner>([&host](const std::string& name) { return host.derivedKey(name); },
                                            options.sharedSecret, [&host] { return host.tokenKeys(); }),
              options.tokenLifetimes,
              BearerTokens::Accounts{
                  [&host](const std::string& name) { return host.findAccount(name); },
                  [&host](const std::string& id) { return host.findAccountByToken(id); },
                  [&host](const std::string& account, const std::string& id) { noteTokenUse(host, account, id); }})),
          m_admission(*m_tokens, options.callRates, tableSalt()),
          m_hashing(hashingThreads, maxWaitingLogins),
          m_reading(1, maxWaitingReads),
          m_publicReading(1, maxWaitingReads),
          m_storage(1, maxWaitingForStorage),
          m_planning(1, maxWaitingPlans),
          m_signIn(host, m_hashing),
          m_sessions(std::make_shared<Sessions>(host, m_tokens)),
          m_events(std::make_shared<EventHubs>(host.snapshot())),
          m_context{host,
                    *m_tokens,
                    m_admission,
                    PublicAccess(isLoopbackName(options.listenAddress) ? Listening::ThisMachine : Listening::Network),
                    m_signIn,
                    m_sessions,
                    std::make_shared<SetupToken>(host.hasAccounts() ? std::string() : options.setupTokenDigest),
                    m_events,
                    std::make_shared<Forwarder>(),
                    std::make_shared<JobWaits>(),
                    std::make_shared<ProxiedSessions>(),
                    std::make_shared<ClientShares>(options.limits.dialogues,
                                                   std::max<std::size_t>(1, options.limits.dialogues / 4)),
                    std::make_shared<ScopedSnapshots>(),
                    m_hashing,
                    m_reading,
                    m_publicReading,
                    m_storage,
                    m_planning},
          m_native(m_context, ClientShares(readersOf(options.limits), options.limits.feedsPerUser)),
          m_streamManager(m_context),
          m_requestIdPrefix(randomHex(3)),
          m_listening(host.onSnapshot([events = m_events, waits = m_context.jobWaits](const SnapshotPtr& snapshot) {
              events->publish(snapshot);
              waits->publish(*snapshot);
          }))
    {}

    ~Private()
    {
        m_server.reset();
        m_hashing.stop();
        m_reading.stop();
        m_publicReading.stop();
        m_storage.stop();
        m_planning.stop();
    }

    Result<void> listen(const ApiOptions& options)
    {
        http::ServerOptions server;
        server.address = options.listenAddress == "localhost" ? "127.0.0.1" : options.listenAddress;
        server.port = options.port;
        server.threads = options.threads;
        server.limits = options.limits;
        http::Service service;
        service.route = [this](const http::Request& request) { return route(request); };
        service.bodyLimit = [this, most = options.limits.bodyBytes](const http::Request& header) {
            return m_native.bodyLimit(header, most);
        };
        service.clientOf = [proxies = options.trustedProxies](const std::string& peer, std::string_view forwardedFor) {
            return proxies.clientOf(peer, forwardedFor);
        };
        service.shareOf = [proxies = options.trustedProxies](const std::string& peer) {
            return proxies.isTrusted(peer) ? 0 : clientIn(peer).number();
        };
        if (options.tls)
            service.tlsContext = [tls = options.tls] { return tls->context(systemNow()); };
        service.refuse = [this](int status, const std::string& detail, const std::string& path) {
            m_answers->add(status);
            const Error error{codeOf(status), detail, {}, {}};
            return isStreamManagerPath(path) ? streamManagerFailure(error, status)
                                             : nativeFailure(error, status, nextRequestId());
        };
        auto started = http::Server::start(std::move(server), std::move(service));
        if (!started)
            return tl::unexpected(started.error());
        m_server = std::move(*started);
        return {};
    }

    std::uint16_t port() const { return m_server->port(); }

private:
    RequestId nextRequestId()
    {
        return RequestId(m_requestIdPrefix + "-" + std::to_string(m_requestCount.fetch_add(1) + 1));
    }

    http::Answer route(const http::Request& request)
    {
        const RequestId requestId = isRequestId(request.requestId) ? RequestId(request.requestId) : nextRequestId();
        http::Answer answer = answerTo(request, requestId);
        const auto finish = [this, &requestId](const http::Request& asked, http::Response& response) {
            response.headers.emplace_back("X-Request-Id", requestId.value);
            m_policy.decorate(asked, response);
        };
        if (auto* response = std::get_if<http::Response>(&answer)) {
            finish(request, *response);
            m_answers->add(response->status);
            return answer;
        }
        if (auto* upgrade = std::get_if<http::Upgrade>(&answer)) {
            finish(request, upgrade->head);
            return answer;
        }
        auto* deferred = std::get_if<http::Deferred>(&answer);
        http::Response decoration;
        finish(request, decoration);
        return http::Deferred{[start = std::move(deferred->start), fields = std::move(decoration.headers),
                               answers = m_answers](const http::Reply& reply) {
            start([reply, fields, answers](http::Response response) {
                answers->add(response.status);
                response.headers.insert(response.headers.end(), fields.begin(), fields.end());
                reply(std::move(response));
            });
        }};
    }

    http::Answer answerTo(const http::Request& request, const RequestId& requestId)
    {
        const bool isDialect = isStreamManagerPath(request.path);
        const auto failure = [&](const Error& error, int status) {
            return isDialect ? streamManagerFailure(error, status) : nativeFailure(error, status, requestId);
        };
        if (const auto host = m_policy.checkHost(request.host); !host)
            return failure(host.error(), 421);
        if (request.isWebSocketUpgrade && !m_policy.isAllowed(request.origin))
            return failure(Error{ErrorCode::PermissionDenied, "Pages of this origin may not connect.", {}, {}}, 403);
        const bool isPreflight = !request.preflightMethod.empty();
        if (request.method == http::Method::Options && (isPreflight || !isSignallingPath(request.path))) {
            http::Response response;
            response.status = 204;
            response.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            return response;
        }
        const bool isReading = request.method == http::Method::Get || request.method == http::Method::Head;
        if (auto page = isReading ? webPage(request.path) : std::nullopt)
            return std::move(*page);
        if (isMetricsPath(request.path))
            return metrics(request, requestId);
        return isDialect ? m_streamManager.answer(request, requestId) : m_native.answer(request, requestId);
    }

    // Scrapers on this machine need no token.
    http::Answer metrics(const http::Request& request, const RequestId& requestId)
    {
        if (request.method != http::Method::Get && request.method != http::Method::Head) {
            http::Response response =
                nativeFailure(Error{ErrorCode::InvalidArgument, "This path takes GET only.", {}, {}}, 405, requestId);
            response.headers.emplace_back("Allow", "GET");
            return response;
        }
        if (!isLoopbackName(request.remoteAddress)) {
            const auto caller = m_admission.admit(request, *matchDialect("GET", request.path).rule);
            if (!caller)
                return nativeFailure(caller.error(), requestId);
        }
        return later(m_reading, requestId, [&host = m_context.host, answers = m_answers, startedAt = m_startedAt] {
            http::Response response;
            response.contentType = "text/plain; version=0.0.4; charset=utf-8";
            response.body =
                prometheusPage(*host.snapshot(), ControlPlaneFigures{ProcessFigures::now(), startedAt,
                                                                     answers->byStatus(), &host.nodeTraffic()});
            return response;
        });
    }

    OriginPolicy m_policy;
    TimePoint m_startedAt = systemNow();
    std::shared_ptr<AnswerCounts> m_answers = std::make_shared<AnswerCounts>();
    std::shared_ptr<BearerTokens> m_tokens;
    Admission m_admission;
    Workers m_hashing;
    Workers m_reading;
    Workers m_publicReading;
    Workers m_storage;
    Workers m_planning;
    SignIn m_signIn;
    std::shared_ptr<Sessions> m_sessions;
    std::shared_ptr<EventHubs> m_events;
    ApiContext m_context;
    NativeRoutes m_native;
    StreamManagerRoutes m_streamManager;
    std::string m_requestIdPrefix;
    std::atomic<std::uint64_t> m_requestCount = 0;
    std::shared_ptr<void> m_listening;
    std::unique_ptr<http::Server> m_server;
};

Result<std::unique_ptr<ApiServer>> ApiServer::start(ApiOptions options, EngineHost& host)
{
    if (!options.tls && options.plainHttp == PlainHttp::LoopbackOnly && !isLoopbackName(options.listenAddress))
        return fail(ErrorCode::InvalidArgument,
                    "Listening on " + options.listenAddress +
                        " lets other machines in, and without TLS passwords and tokens cross the network in the clear.",
                    "Add --tls (certificates are made), or --certificate FILE and --key FILE (your own); --plain-http "
                    "if a proxy or a tunnel protects them.");
    auto d = std::make_unique<Private>(options, host);
    if (const auto listening = d->listen(options); !listening)
        return tl::unexpected(listening.error());
    return std::unique_ptr<ApiServer>(new ApiServer(std::move(d)));
}

ApiServer::ApiServer(std::unique_ptr<Private> d) : m_d(std::move(d))
{}

ApiServer::~ApiServer() = default;

std::uint16_t ApiServer::port() const
{
    return m_d->port();
}

}  // namespace headgate
