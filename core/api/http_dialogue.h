#pragma once

// Included by http_server.cpp only: Boost stays in that one translation unit.
#include "core/api/http_web_socket.h"

namespace headgate::http {

// A WebSocket whose client says something as well.
class DialogueSession final : public WebSocketSession
{
public:
    using WebSocketSession::WebSocketSession;

    void sweep(Clock::time_point now) override
    {
        if (!dialogue())
            return;
        dialogue()->tick();
        if (now >= m_lastHeard + limits().idleTimeout)
            dialogue()->silent();
    }

private:
    Dialogue* dialogue() const { return static_cast<Dialogue*>(feed()); }

    std::size_t mostHeard() const override { return limits().messageBytes; }

    // Browsers whose page asks for one do not connect without it.
    std::string_view subprotocol() const override
    {
        const auto wanted = request()[beast::http::field::sec_websocket_protocol];
        for (const auto& each : beast::http::token_list(wanted)) {
            if (each == "json")
                return "json";
        }
        return {};
    }

    void heard(std::string_view text) override
    {
        m_lastHeard = Clock::now();
        if (dialogue())
            dialogue()->heard(text);
    }

    void rest() override
    {
        if (dialogue()->isOver())
            close(FeedEnd::AllIsSaid);
    }

    void end(FeedEnd reason) override
    {
        if (reason == FeedEnd::ServerStops)
            dialogue()->serverStops();
        WebSocketSession::end(reason);
    }

    Clock::time_point m_lastHeard = Clock::now();
};

}  // namespace headgate::http
