#pragma once

// Included by http_server.cpp only: Boost stays in that one translation unit.
#include "core/api/http_feed_session.h"
#include "core/api/http_text.h"

#include <boost/asio/write.hpp>

#include <array>

namespace headgate::http {

// Items as server-sent events (WHATWG HTML, section 9.2): "id" is the position, "data" the text, which has no line
// breaks.
class EventStreamSession final : public FeedSession
{
public:
    EventStreamSession(Loop& loop, PeerStream peer, Response head)
        : FeedSession(loop), m_peer(std::move(peer)), m_date(loop.date), m_head(std::move(head))
    {}

    void sweep(Clock::time_point now) override
    {
        if (m_isWriting && now >= m_writeDeadline)
            return leave();
        FeedSession::sweep(now);
    }

private:
    void open() override
    {
        m_head.contentType = "text/event-stream";
        appendHead(m_prefix, m_head, m_date, Persistence::UntilClose);
        write({net::buffer(m_prefix), {}, {}}, &EventStreamSession::opened);
        read();
    }

    void send(const FeedItem& item) override
    {
        m_prefix = "id: " + item.position + "\ndata: ";
        write({net::buffer(m_prefix), net::buffer(item.text), net::buffer(m_suffix)}, &EventStreamSession::sent);
    }

    void end(FeedEnd) override { leave(); }

    void write(const std::array<net::const_buffer, 3>& buffers, void (EventStreamSession::*next)())
    {
        m_isWriting = true;
        m_writeDeadline = Clock::now() + limits().writeTimeout;
        net::async_write(m_peer, buffers,
                         [self = self<EventStreamSession>(), next](beast::error_code error, std::size_t) {
                             self->m_isWriting = false;
                             return error ? self->leave() : ((*self).*next)();
                         });
    }

    // Nothing is to come; reading notices that the reader left.
    void read()
    {
        m_peer.async_read_some(net::buffer(m_in),
                               [self = self<EventStreamSession>()](beast::error_code error, std::size_t) {
                                   return error ? self->leave() : self->read();
                               });
    }

    void leave()
    {
        beast::error_code ignored;
        m_peer.next_layer().close(ignored);
        forget();
    }

    static constexpr std::string_view m_suffix = "\n\n";

    PeerStream m_peer;
    std::string m_date;
    Response m_head;
    std::string m_prefix;
    std::array<char, 512> m_in{};
    Clock::time_point m_writeDeadline;
    bool m_isWriting = false;
};

}  // namespace headgate::http
