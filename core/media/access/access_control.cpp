#include "core/media/access/access_control.h"

#include "core/wire/native_codec.h"
#include "core/wire/stream_pass.h"

#include <chrono>
#include <utility>

namespace headgate {

namespace {

constexpr Duration farewellPatience{5000};

TimePoint now()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

// What services are asked and told, as Stream Manager 2.0 nodes do.
std::string bodyOf(const AccessRequest& request)
{
    const nlohmann::json body{{"username", request.credentials.username},
                              {"password", request.credentials.password},
                              {"token", request.credentials.token},
                              {"type", request.role == SessionRole::Publisher ? "publisher" : "subscriber"},
                              {"streamID", request.path}};
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

tl::unexpected<Error> denied()
{
    return fail(ErrorCode::PermissionDenied, "The credentials do not hold for this stream.");
}

tl::unexpected<Error> undecided(std::string why)
{
    return fail(ErrorCode::Unavailable, std::move(why), "Try again in a few seconds.");
}

TokenVerdict verdictOf(const AccessRequest& request, const Result<HttpReply>& reply)
{
    if (reply && (reply->status == 401 || reply->status == 403))
        return denied();
    const auto body = reply && reply->status == 200 ? native::parse(reply->body) : tl::unexpected(Error{});
    if (!body || !body->is_object() || !body->contains("result") || !(*body)["result"].is_boolean())
        return undecided("The service that decides who may come in did not answer as it should.");
    if (!(*body)["result"].get<bool>())
        return denied();
    return TokenBearer{request.credentials.username, {}};
}

bool hasPass(const AccessRequest& request)
{
    return request.credentials.token.starts_with(streamPassPrefix);
}

// Without a query, which may have secrets.
std::string withoutQuery(const std::string& url)
{
    return url.substr(0, url.find('?'));
}

}  // namespace

AccessControl::AccessControl(LoopGroup& loops, const Log& log, WebhookSender sender)
    : m_loops(loops),
      m_log(log),
      m_caller(loops.home().loop()),
      m_outbox(loops.home().loop(), m_caller, log),
      m_webhooks(m_outbox, std::move(sender)),
      m_passes({JwtAlgorithm::Hs256, {}, {}})
{}

void AccessControl::setPassKey(std::string key)
{
    m_passes = JwtCheck({JwtAlgorithm::Hs256, {}, std::move(key)});
}

void AccessControl::apply(const AccessSettings& settings)
{
    m_rules = std::make_shared<const Rules>(Rules{settings, JwtCheck(settings.jwt)});
    m_webhooks.apply(settings.webhooks);
}

void AccessControl::ask(const AccessRequest& request, const AccessAnswer& answer)
{
    if (!m_rules)
        return answer(decide(m_rules, request, undecided("This node was not told yet who may come in.")));
    if (!request.job.empty())
        return answer(decide(m_rules, request, TokenBearer{"job " + request.job, {}}));
    if (hasPass(request) && m_rules->settings.kind != AccessKind::None) {
        AccessRequest shown = request;
        shown.credentials.token.erase(0, streamPassPrefix.size());
        return answer(decide(m_rules, request, m_passes.check(shown, now())));
    }
    switch (m_rules->settings.kind) {
    case AccessKind::None:
        return answer(decide(m_rules, request, TokenBearer{request.credentials.username, {}}));
    case AccessKind::RoundTrip:
        if (request.onlyAsks)
            return answer(undecided("The service that decides who may come in is asked when a session begins."));
        return askService(request, answer);
    case AccessKind::DigestToken:
        return answer(decide(m_rules, request, checkDigestToken(request, m_rules->settings.digestSecret, now())));
    case AccessKind::Jwt:
        return answer(decide(m_rules, request, m_rules->jwt.check(request, now())));
    }
}

void AccessControl::askService(const AccessRequest& request, const AccessAnswer& answer)
{
    const RoundTripSettings& service = m_rules->settings.roundTrip;
    m_caller.post({service.validateUrl, {}, bodyOf(request), Duration(service.timeoutMs)},
                  [this, rules = m_rules, request, answer](const Result<HttpReply>& reply) {
                      const TokenVerdict verdict = verdictOf(request, reply);
                      if (!verdict && verdict.error().code == ErrorCode::Unavailable)
                          m_log.refusal("access", withoutQuery(rules->settings.roundTrip.validateUrl) + ":0",
                                        reply ? "no answer that says yes or no" : reply.error().message);
                      answer(decide(rules, request, verdict));
                  });
}

AccessVerdict AccessControl::decide(const std::shared_ptr<const Rules>& rules, const AccessRequest& request,
                                    const TokenVerdict& verdict)
{
    if (!verdict) {
        ++(verdict.error().code == ErrorCode::Unavailable ? m_figures.undecided : m_figures.refused);
        return tl::unexpected(verdict.error());
    }
    if (!verdict->session.empty() && !m_tokenSessions.insert(verdict->session).second) {
        ++m_figures.refused;
        return fail(ErrorCode::PermissionDenied, "The token is in use by another session.");
    }
    ++m_figures.granted;
    const auto visit = std::make_shared<Visit>(Visit{request, *verdict, rules});
    const AccessKind kind = rules->settings.kind;
    auto pass = std::make_unique<AccessPass>(
        kind == AccessKind::None && request.job.empty() ? std::string() : verdict->user,
        // Not at once: the end of the publisher whose place it takes is told first.
        [this, visit] {
            m_loops.atHome([this, visit](LoopGroup&) {
                visit->isAdmitted = true;
                m_webhooks.sessionBegan(visit->request, visit->bearer.user);
            });
        },
        [this, visit, &loops = m_loops] { loops.atHome([this, visit](LoopGroup&) { visitOver(*visit); }); });
    if (!request.job.empty())
        pass->setOfJob();
    return pass;
}

void AccessControl::visitOver(const Visit& visit)
{
    m_tokenSessions.erase(visit.bearer.session);
    if (visit.isAdmitted)
        m_webhooks.sessionEnded(visit.request, visit.bearer.user);
    const AccessSettings& settings = visit.rules->settings;
    const bool wasAsked =
        settings.kind == AccessKind::RoundTrip && !hasPass(visit.request) && visit.request.job.empty();
    if (!wasAsked || settings.roundTrip.invalidateUrl.empty())
        return;
    HttpCall call{settings.roundTrip.invalidateUrl, {}, bodyOf(visit.request), farewellPatience};
    m_outbox.put("farewell " + std::to_string(visit.request.session), [call = std::move(call)] { return call; });
}

bool AccessControl::hasListeners() const
{
    if (m_outbox.figures().waiting > 0)
        return true;
    if (!m_rules)
        return false;
    const AccessSettings& settings = m_rules->settings;
    return !settings.webhooks.url.empty() || !settings.roundTrip.invalidateUrl.empty();
}

AccessControl::Figures AccessControl::figures() const
{
    Figures figures = m_figures;
    figures.calls = m_outbox.figures();
    return figures;
}

}  // namespace headgate
