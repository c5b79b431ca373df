#pragma once

// Included by http_server.cpp only: Boost stays in that one translation unit.
#include "core/api/http_feed_session.h"

namespace headgate::http {

// Items as text messages (RFC 6455).
class WebSocketSession : public FeedSession
{
public:
    WebSocketSession(Loop& loop, PeerStream peer, BeastRequest request)
        : FeedSession(loop), m_stream(std::move(peer)), m_request(std::move(request))
    {}

protected:
    // Readers have nothing to say; reading answers their pings and notices that they left.
    virtual void heard(std::string_view) {}
    virtual std::size_t mostHeard() const { return 4096; }
    virtual std::string_view subprotocol() const { return {}; }

    const BeastRequest& request() const { return m_request; }

    void open() override
    {
        beast::websocket::stream_base::timeout timeout{};
        timeout.handshake_timeout = std::chrono::seconds(10);
        timeout.idle_timeout = limits().writeTimeout;  // whoever does not read does not answer pings either
        timeout.keep_alive_pings = true;
        m_stream.set_option(timeout);
        m_stream.read_message_max(mostHeard());
        m_stream.set_option(beast::websocket::stream_base::decorator([name = subprotocol()](
                                                                         beast::websocket::response_type& response) {
            if (!name.empty())
                response.set(beast::http::field::sec_websocket_protocol, beast::string_view(name.data(), name.size()));
        }));
        m_stream.async_accept(m_request, [self = self<WebSocketSession>()](beast::error_code error) {
            if (error)
                return self->forget();
            self->opened();
            self->read();
        });
    }

    void send(const FeedItem& item) override
    {
        m_stream.text(true);
        m_stream.auto_fragment(false);
        m_stream.async_write(net::buffer(item.text),
                             [self = self<WebSocketSession>()](beast::error_code error, std::size_t) {
                                 return error ? self->forget() : self->sent();
                             });
    }

    void end(FeedEnd reason) override
    {
        using beast::websocket::close_code;
        const auto code = reason == FeedEnd::TokenEnded    ? close_code::policy_error
                          : reason == FeedEnd::ServerStops ? close_code::going_away
                                                           : close_code::normal;
        m_stream.async_close(code, [self = self<WebSocketSession>()](beast::error_code) { self->forget(); });
    }

private:
    void read()
    {
        m_stream.async_read(m_in, [self = self<WebSocketSession>()](beast::error_code error, std::size_t) {
            if (error)
                return self->forget();
            const auto message = self->m_in.cdata();
            self->heard({static_cast<const char*>(message.data()), message.size()});
            self->m_in.clear();
            self->read();
        });
    }

    beast::websocket::stream<PeerStream> m_stream;
    BeastRequest m_request;
    beast::flat_buffer m_in;
};

}  // namespace headgate::http
