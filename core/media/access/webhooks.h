#pragma once

#include "core/domain/access_settings.h"
#include "core/domain/node.h"
#include "core/media/access/outbox.h"
#include "core/media/access/recording_event.h"
#include "core/media/hub/access_pass.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace headgate {

// Which node speaks.
struct WebhookSender
{
    NodeId node;
    std::string address;    // the public one
    std::string_view type;  // "TYPE_ORIGIN", as Stream Manager 2.0 names it
};

// Tells an operator's service of sessions as they come and go, and of recordings, as Stream Manager 2.0 nodes do. Each
// call has X-Headgate-Delivery, the same in each try, and with a secret X-Headgate-Signature: "t=<seconds>,v1=<hex>",
// the HMAC-SHA256 of "<seconds>.<body>". What a publisher does is told in the order of the stream, what a viewer does
// in that of the session. Belongs to the main loop's thread.
class Webhooks
{
public:
    Webhooks(Outbox& outbox, WebhookSender sender);

    // What waits goes to the new address; to none, it is forgotten.
    void apply(const WebhookSettings& settings) { *m_settings = settings; }

    void sessionBegan(const AccessRequest& session, const std::string& user);
    void sessionEnded(const AccessRequest& session, const std::string& user);
    void tell(const RecordingEvent& event);  // in the order of its stream

private:
    struct Event
    {
        std::string_view name;
        WebhookCategory category;
        std::string guid;
    };

    std::string sessionId(const AccessRequest& session) const;
    void tell(const Event& event, const AccessRequest& session, const std::string& user);
    void post(WebhookCategory category, const std::string& lane, nlohmann::json event);

    Outbox& m_outbox;
    const WebhookSender m_sender;
    const std::string m_run;  // different for each start of the node
    std::uint64_t m_deliveries = 0;
    std::shared_ptr<WebhookSettings> m_settings = std::make_shared<WebhookSettings>();
};

}  // namespace headgate
