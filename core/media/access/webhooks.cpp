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
    post(event.category, session.role == SessionRole::Publisher ? session.path : sessionId(session),
         {{"event", event.name},
          {"guid", event.guid},
          {"username", user},
          {"userAgent", session.userAgent},
          {"value", session.protocol}});
}

void Webhooks::tell(const RecordingEvent& event)
{
    nlohmann::json body{{"guid", event.stream.path()}, {"username", ""}, {"userAgent", ""}, {"value", "recording"}};
    switch (event.kind) {
    case RecordingEvent::Kind::Started:
        body["event"] = "video-started";
        break;
    case RecordingEvent::Kind::Pictured:
        body["event"] = "thumb-created";
        break;
    case RecordingEvent::Kind::Saved:
        body["event"] = "video-saved";
        body["status"] = event.error.empty() ? "success" : "failure";
    }
    if (!event.error.empty()) {
        body["error"] = event.error;
        body["recordings"] = nlohmann::json::array({event.recording});
    } else {
        body["recording"] = event.recording;
    }
    if (!event.bucket.empty()) {
        body["bucket"] = event.bucket;
        body["objectKey"] = event.objectKey;
    }
    post(WebhookCategory::Media, event.stream.path(), std::move(body));
}

void Webhooks::post(WebhookCategory category, const std::string& lane, nlohmann::json event)
{
    if (m_settings->url.empty() || m_settings->muted.contains(category))
        return;
    event["clusterNodeType"] = m_sender.type;
    event["timestamp"] = toEpochMs(now());
    event["nodePublicIp"] = m_sender.address;
    // What clients say of themselves may be no UTF-8.
    const std::string body = event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const std::string delivery = m_run + "event-" + std::to_string(++m_deliveries);
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
