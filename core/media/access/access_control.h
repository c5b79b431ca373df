#pragma once

#include "core/domain/access_settings.h"
#include "core/media/access/http_caller.h"
#include "core/media/access/outbox.h"
#include "core/media/access/stream_token.h"
#include "core/media/access/webhooks.h"
#include "core/media/hub/access_pass.h"
#include "core/media/hub/loop_group.h"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace headgate {

// Who may begin to publish and to watch here, as the group of the node says, and who is told of it. What cannot be
// found out is refused. Belongs to the main loop's thread.
class AccessControl
{
public:
    AccessControl(LoopGroup& loops, const Log& log, WebhookSender sender);

    // Whoever shows a pass of the control plane under this key (core/wire/stream_pass.h) may come in.
    void setPassKey(std::string key);

    // For those who come from now on. Before the first time nobody is let in.
    void apply(const AccessSettings& settings);

    // The answer comes at once, or when the service that decides has answered, or its time is over.
    void ask(const AccessRequest& request, const AccessAnswer& answer);

    void tell(const RecordingEvent& event) { m_webhooks.tell(event); }

    // Somebody is told when sessions end, or still waits to be told something.
    bool hasListeners() const;
    void hurry() { m_outbox.hurry(); }

    struct Figures
    {
        std::uint64_t granted = 0;
        std::uint64_t refused = 0;
        std::uint64_t undecided = 0;  // refused because nobody could tell
        Outbox::Figures calls;        // webhooks, and services told of ends
    };
    Figures figures() const;

private:
    struct Rules
    {
        AccessSettings settings;
        JwtCheck jwt;
    };
    // A session that may begin, or has begun.
    struct Visit
    {
        AccessRequest request;
        TokenBearer bearer;
        std::shared_ptr<const Rules> rules;  // that it came in under
        bool isAdmitted = false;
    };

    void askService(const AccessRequest& request, const AccessAnswer& answer);
    AccessVerdict decide(const std::shared_ptr<const Rules>& rules, const AccessRequest& request,
                         const TokenVerdict& verdict);
    void visitOver(const Visit& visit);

    LoopGroup& m_loops;
    const Log& m_log;
    HttpCaller m_caller;
    Outbox m_outbox;
    Webhooks m_webhooks;
    JwtCheck m_passes;
    std::shared_ptr<const Rules> m_rules;   // null: not told yet
    std::set<std::string> m_tokenSessions;  // that are in use
    Figures m_figures;
};

}  // namespace headgate
