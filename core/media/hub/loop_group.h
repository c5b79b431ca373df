#pragma once

#include "core/domain/media_settings.h"
#include "core/media/hub/fan_out_loop.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace headgate {

struct LoopOptions
{
    int count = 1;                        // with the main loop
    std::optional<Duration> mergeWindow;  // of each, see EventLoop::setMergeWindow(); none: automatic
    // By so many viewers a loop that carries the stream already may be ahead of the one with the fewest before that
    // one is given the stream as well, which costs it about as much as a few viewers.
    int mostAhead = 8;
};

// As many as this process may use processors.
int usableProcessors();

// The event loops of a node, and where each session lives. The main loop decides everything: it accepts, admits, pulls
// and takes what is published. Whoever is admitted to watch may be sent to another loop, which then serves the session
// alone until it asks for something else. Functions are for the main loop's thread unless they say otherwise.
//
// To ask or tell something of all sessions: forEachHost(), which runs on each loop by its own thread, and atHome() for
// the answers.
class LoopGroup
{
public:
    LoopGroup(EventLoop& mainLoop, const LoopOptions& options);
    ~LoopGroup();
    LoopGroup(const LoopGroup&) = delete;
    LoopGroup& operator=(const LoopGroup&) = delete;

    SessionHost& home() { return m_home; }
    int count() const { return static_cast<int>(m_others.size()) + 1; }

    // A new session, on the main loop; `seat` is what it holds until it is served.
    void add(std::unique_ptr<Session> session, std::unique_ptr<Seat> seat = nullptr);
    std::size_t sessionCount() const;

    // The session is admitted to the stream. True if it goes to another loop at the end of this turn, where it hears
    // arrived(); else it is served on the main loop. Counted among the stream's subscribers from now on if it goes.
    bool sendAway(Session& session, Stream& stream, Subscriber::Kind kind);

    // By the thread of the session's loop: it is no longer served, and hears arrived() on the main loop.
    void sendHome(Session& session);

    // Called on every loop by its thread: here at once, elsewhere after what was sent there before.
    void forEachHost(const std::function<void(SessionHost&)>& use);

    // For all viewers, those who are there included.
    void apply(const MediaSettings& settings);

    // Called on the main loop, unless the group is gone by then. From any thread of the group.
    void atHome(std::function<void(LoopGroup&)> call) const { post(m_home.loop(), m_self, std::move(call)); }

    // Of all loops since their start; from any thread.
    EventLoop::Traffic traffic() const;

private:
    FanOutLoop* choose(const Stream& stream) const;  // null: the main loop
    static void post(EventLoop& home, std::weak_ptr<LoopGroup> group, std::function<void(LoopGroup&)> call);
    std::unique_ptr<Seat> makeSeat(std::function<void(LoopGroup&)> onFree) const;

    std::shared_ptr<LoopGroup> m_self{this, [](LoopGroup*) {}};  // for calls that may come too late
    SessionHost m_home;
    std::vector<std::unique_ptr<FanOutLoop>> m_others;
    int m_mostAhead;
    Session::Id m_lastSession = 0;
    int m_homeSeats = 0;
};

}  // namespace headgate
