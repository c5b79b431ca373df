#pragma once

// Included by http_server.cpp only: Boost stays in that one translation unit.
#include "core/api/http_peer_stream.h"

#include <boost/asio/post.hpp>

namespace headgate::http {

// A connection that only gets what a feed has, item by item.
class FeedSession : public std::enable_shared_from_this<FeedSession>
{
public:
    explicit FeedSession(Loop& loop) : m_loop(loop) {}
    virtual ~FeedSession() { m_loop.shared.feeds.fetch_sub(1); }

    void start(std::unique_ptr<Feed> feed, std::function<bool()> isOver)
    {
        m_feed = std::move(feed);
        m_isOver = std::move(isOver);
        open();
    }

    // Sends the next item if there is one and the last has left.
    void pump()
    {
        if (!m_isOpen || m_inFlight || !m_feed)
            return;
        m_inFlight = m_feed->next();
        if (m_inFlight)
            send(*m_inFlight);
        else
            rest();
    }

    virtual void sweep(Clock::time_point)
    {
        if (m_isOpen && m_isOver && m_isOver())
            close(FeedEnd::TokenEnded);
    }

    enum class FeedEnd
    {
        TokenEnded,
        ServerStops,
        AllIsSaid
    };

    void close(FeedEnd reason)
    {
        if (!m_isOpen)
            return forget();
        m_isOpen = false;
        end(reason);
    }

    // The feed may hold a wake, and a wake holds the loop that holds this session.
    void abandon() { m_feed.reset(); }

protected:
    virtual void open() = 0;                      // ends in opened() or forget()
    virtual void send(const FeedItem& item) = 0;  // ends in sent() or forget()
    virtual void end(FeedEnd reason) = 0;         // ends in forget()
    virtual void rest() {}                        // there is nothing to send now

    Feed* feed() const { return m_feed.get(); }

    void opened()
    {
        m_isOpen = true;
        pump();
    }

    void sent()
    {
        m_inFlight.reset();
        pump();
    }

    void forget()
    {
        m_isOpen = false;
        m_loop.feeds.erase(this);
    }

    template <typename Session>
    std::shared_ptr<Session> self()
    {
        return std::static_pointer_cast<Session>(shared_from_this());
    }

    const Limits& limits() const { return m_loop.shared.options.limits; }

private:
    Loop& m_loop;
    std::unique_ptr<Feed> m_feed;
    std::shared_ptr<const FeedItem> m_inFlight;
    std::function<bool()> m_isOver;
    bool m_isOpen = false;
};

inline Wake wakeOf(const LoopPtr& loop, const std::weak_ptr<FeedSession>& session)
{
    return [loop, session] {
        net::post(loop->context, [session] {
            if (const auto alive = session.lock())
                alive->pump();
        });
    };
}

}  // namespace headgate::http
