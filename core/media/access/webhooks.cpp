#include "core/media/access/webhooks.h"

#include "core/base/digest.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <utility>

namespace headgate {

namespace {

constexpr Duration patience{5000};

TimePoint now()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace

Webhooks::Webhooks(Outbox& outbox, WebhookSender sender)
    : m_outbox(outbox),
      m_sender(std::move(sender)),
      m_run(m_sender.node.value + "-" + std::to_string(toEpochMs(now())) + "-")
{}

std::string Webhooks::sessionId(const AccessRequest& session) const
{
    return m_run + std::to_string(session.session);
}

void Webhooks::sessionBegan(const AccessRequest& session, const std::string& user)
{
    if (session.channel == SessionChannel::WebSocket)
        tell({"websocket-connect", WebhookCategory::WebSocket, sessionId(session)}, session, user);
    else
        tell({"connection-connect", WebhookCategory::Connect, sessionId(session)}, session, user);
    if (session.role == SessionRole::Publisher)
        tell({"stream-published", WebhookCategory::Publish, session.path}, session, user);
    else
        tell({"stream-subscribed", WebhookCategory::Subscribe, session.path}, session, user);
}

void Webhooks::sessionEnded(const AccessRequest& session, const std::string& user)
{
    if (session.role == SessionRole::Publisher)
        tell({"stream-unpublished", WebhookCategory::Publish, session.path}, session, user);
    else
        tell({"stream-unsubscribed", WebhookCategory::Subscribe, session.path}, session, user);
    if (session.channel == SessionChannel::WebSocket)
        tell({"websocket-disconnect", WebhookCategory::WebSocket, sessionId(session)}, session, user);
    else
        tell({"connection-disconnect", WebhookCategory::Connect, sessionId(session)}, session, user);
}

void Webhooks::tell(const Event& event, const AccessRequest& session, const std::string& user)
{
    if (m_settings->url.empty() || m_settings->muted.contains(event.category))
        return;
    // What clients say of themselves may be no UTF-8.
    const std::string body = nlohmann::json{
        {"event", event.name},
        {"guid", event.guid},
        {"username", user},
        {"userAgent", session.userAgent},
        {"clusterNodeType", m_sender.type},
        {"timestamp", toEpochMs(now())},
        {"nodePublicIp", m_sender.address},
        {"value",
         session.protocol}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const std::string delivery = m_run + "event-" + std::to_string(++m_deliveries);
    const std::string lane = session.role == SessionRole::Publisher ? session.path : sessionId(session);
    m_outbox.put(lane, [settings = m_settings, body, delivery]() -> std::optional<HttpCall> {
        if (settings->url.empty())
            return std::nullopt;
        HttpCall call{settings->url, {"X-Headgate-Delivery: " + delivery}, body, patience};
        if (!settings->secret.empty()) {
            const std::string seconds = std::to_string(toEpochMs(now()) / 1000);
            call.headers.push_back("X-Headgate-Signature: t=" + seconds +
                                   ",v1=" + toHex(hmacSha256(settings->secret, seconds + "." + body)));
        }
        return call;
    });
}

}  // namespace headgate
