#pragma once

// Included by http_server.cpp only: Boost stays in that one translation unit.
#include "core/api/http_loop.h"

#include <boost/asio/post.hpp>

namespace headgate::http {

class WebSocketSession : public std::enable_shared_from_this<WebSocketSession>
{
public:
    WebSocketSession(Loop& loop, Socket socket, BeastRequest request)
        : m_loop(loop), m_stream(std::move(socket)), m_request(std::move(request))
    {}

    ~WebSocketSession() { m_loop.shared.webSockets.fetch_sub(1); }

    void start(std::unique_ptr<Feed> feed, std::chrono::milliseconds lifetime)
    {
        m_feed = std::move(feed);
        m_endsAt = Clock::now() + lifetime;
        beast::websocket::stream_base::timeout timeout{};
        timeout.handshake_timeout = std::chrono::seconds(10);
        timeout.idle_timeout = std::chrono::seconds(40);
        timeout.keep_alive_pings = true;
        m_stream.set_option(timeout);
        m_stream.read_message_max(4096);
        m_stream.async_accept(m_request, [self = shared_from_this()](beast::error_code error) {
            if (error)
                return self->forget();
            self->m_isOpen = true;
            self->pump();
            self->read();
        });
    }

    void pump()
    {
        if (!m_isOpen || m_inFlight || !m_feed)
            return;
        m_inFlight = m_feed->next();
        if (!m_inFlight)
            return;
        m_stream.text(true);
        m_stream.async_write(net::buffer(*m_inFlight),
                             [self = shared_from_this()](beast::error_code error, std::size_t) {
                                 self->m_inFlight.reset();
                                 if (error)
                                     return self->forget();
                                 self->pump();
                             });
    }

    void sweep(Clock::time_point now)
    {
        if (m_isOpen && now >= m_endsAt)
            close(beast::websocket::close_code::policy_error);
    }

    void close(beast::websocket::close_code reason)
    {
        if (!m_isOpen)
            return forget();
        m_isOpen = false;
        m_stream.async_close(reason, [self = shared_from_this()](beast::error_code) { self->forget(); });
    }

    // The feed may hold a wake, and a wake holds the loop that holds this session.
    void abandon() { m_feed.reset(); }

private:
    // Readers have nothing to say; reading answers their pings and notices that they left.
    void read()
    {
        m_stream.async_read(m_in, [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (error)
                return self->forget();
            self->m_in.clear();
            self->read();
        });
    }

    void forget()
    {
        m_isOpen = false;
        m_loop.webSockets.erase(this);
    }

    Loop& m_loop;
    beast::websocket::stream<Socket> m_stream;
    BeastRequest m_request;
    std::unique_ptr<Feed> m_feed;
    beast::flat_buffer m_in;
    std::shared_ptr<const std::string> m_inFlight;
    Clock::time_point m_endsAt;
    bool m_isOpen = false;
};

inline Wake wakeOf(const LoopPtr& loop, const std::weak_ptr<WebSocketSession>& session)
{
    return [loop, session] {
        net::post(loop->context, [session] {
            if (const auto alive = session.lock())
                alive->pump();
        });
    };
}

}  // namespace headgate::http
