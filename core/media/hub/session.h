#pragma once

#include "core/domain/media_settings.h"
#include "core/media/hub/stream.h"
#include "core/media/net/connection.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

class SessionHost;

// A session's place among the newcomers, or among those who are served on a loop; tells when it is free again. From any
// thread.
class Seat
{
public:
    explicit Seat(EventLoop::Callback onFree) : m_onFree(std::move(onFree)) {}
    ~Seat() { m_onFree(); }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

private:
    EventLoop::Callback m_onFree;
};

// Nodes that serve the same viewers, each as host:port.
struct Alternates
{
    std::vector<std::string> rtmp;
    std::vector<std::string> rtmps;
};

// One client of this node, in whatever protocol. It lives on one loop at a time, with its connection and its timers,
// and only that loop's thread may touch it. It begins on the main loop; once it is admitted as a viewer or as a child
// it may go on on another, see LoopGroup.
class Session
{
public:
    using Id = std::uint64_t;  // unique as long as the node runs

    virtual ~Session() = default;

    // 0 until a host has it.
    Id id() const { return m_id; }

    // What it is as a receiver of that stream, none if it is not. StreamViewer::lagMs is without what waits in the
    // kernel.
    virtual std::optional<StreamViewer> viewing(const StreamKey& stream) = 0;

    // It plays, or is about to, and is no node that pulls.
    virtual bool isViewer() const = 0;

    // Ends it at once, with this reason in the log.
    virtual void disconnect(std::string_view reason) = 0;

    // The node drains: a viewer whose player knows how is asked to connect to one of these instead, taken in turn.
    virtual void askToReconnect(const Alternates& alternates, std::size_t turn)
    {
        (void)alternates;
        (void)turn;
    }

protected:
    // The loop on which it lives.
    SessionHost& host() const { return *m_host; }

    // What all protocols have in common.
    struct LinkFigures
    {
        std::string peer;
        std::int64_t waitingBytes = 0;
        std::int64_t kernelBytes = 0;
        Duration waitingTime{};
        double roundTripMs = 0;
        std::int64_t bytesSent = 0;
    };
    StreamViewer describe(const Subscriber& subscriber, const LinkFigures& link);
    StreamViewer describe(const Subscriber& subscriber, const Connection& connection);

    // It is no newcomer any more, or no longer served frames, but stays.
    void leaveSeat() { m_seat.reset(); }

private:
    friend class SessionHost;
    friend class LoopGroup;

    // By the thread of the loop that it leaves: afterwards nothing of it happens there.
    virtual void moveTo(EventLoop& to) = 0;

    // By the thread of the loop that it came to: the stream to be served from now on, if there still is one.
    virtual void arrived(Stream* stream) = 0;

    // What the other side had acknowledged at that instant.
    struct Look
    {
        MonotonicTime at;
        std::int64_t bytes = 0;
    };

    Id m_id = 0;
    TimePoint m_connectedAt = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    std::optional<Look> m_earlierLook;  // at least 1 s before the last one
    std::optional<Look> m_lastLook;
    SessionHost* m_host = nullptr;
    std::unique_ptr<Seat> m_seat;
};

// The sessions that live on one loop. Belongs to that loop's thread.
class SessionHost final : private TurnEndTask
{
public:
    explicit SessionHost(EventLoop& loop) : m_loop(loop) {}

    EventLoop& loop() const { return m_loop; }

    void add(std::unique_ptr<Session> session);

    // Adds one that comes from another loop, to be served from the stream, if there is one.
    void receive(std::unique_ptr<Session> session, Stream* stream);

    // The session has ended; it is destroyed at the end of this turn.
    void remove(Session& session);

    // At the end of this turn the session is taken off this loop and given to `take`, unless it ends before.
    using Take = std::function<void(std::unique_ptr<Session>)>;
    void release(const Session& session, EventLoop& to, Take take);

    // With what its viewers begin from now on.
    JoinLatency joinLatency() const { return m_joinLatency; }
    void setJoinLatency(JoinLatency latency) { m_joinLatency = latency; }

    std::size_t size() const { return m_sessions.size(); }
    Session* find(Session::Id id) const;

    // The sessions may end meanwhile.
    void forEach(const std::function<void(Session&)>& use) const;

    // Destroys them all.
    void clear();

private:
    struct Departure
    {
        Session::Id id = 0;
        EventLoop* to = nullptr;
        Take take;
    };

    void turnEnded() override;

    EventLoop& m_loop;
    using Sessions = std::map<Session::Id, std::unique_ptr<Session>>;
    Sessions m_sessions;
    std::vector<Departure> m_departures;
    JoinLatency m_joinLatency = JoinLatency::Normal;
};

}  // namespace headgate
