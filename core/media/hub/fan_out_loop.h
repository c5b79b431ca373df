#pragma once

#include "core/media/hub/session.h"

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace headgate {

// A thread with an event loop that only sends: it has copies of streams, which the main loop feeds, and the sessions
// that are served from them. What the main loop sends over arrives in one batch a turn, in order. All of this class
// but host() belongs to the main loop's thread.
class FanOutLoop final : private TurnEndTask
{
public:
    FanOutLoop(EventLoop& mainLoop, std::optional<Duration> mergeWindow);
    ~FanOutLoop() override;

    EventLoop& loop() { return m_loop; }
    SessionHost& host() { return m_host; }  // for this loop's thread, unless it has stopped

    // To be called there, after all that was sent before.
    void send(EventLoop::Callback callback);

    // Takes part in the stream's copy, which is made for the first. The number is for leave() and take().
    using FeedId = std::uint64_t;
    FeedId enter(Stream& stream, Subscriber::Kind kind);
    void leave(FeedId feed, Subscriber::Kind kind);
    bool carries(const Stream& stream) const { return m_feedsOf.contains(&stream); }
    int seatCount() const { return m_seatCount; }

    // A session that was taken off the main loop, for whom the stream's copy is there unless it ended meanwhile.
    void take(std::unique_ptr<Session> session, FeedId feed);

    // Ends the thread; sessions and copies stay until the destructor.
    void stop();

private:
    class Feed;

    // What the loop did not take yet; beyond it frames are left out up to the next key frame, so that a loop that gets
    // no processor costs a bounded amount of memory.
    static constexpr std::size_t mostUnderWay = 64 * 1024 * 1024;

    void turnEnded() override;

    EventLoop& m_mainLoop;
    std::atomic<std::size_t> m_underWay = 0;  // bytes of frames
    EventLoop m_loop;
    std::map<const Stream*, std::unique_ptr<Stream>> m_copies;  // of this loop's thread
    SessionHost m_host;
    std::vector<EventLoop::Callback> m_batch;
    std::map<FeedId, std::unique_ptr<Feed>> m_feeds;
    std::map<const Stream*, FeedId> m_feedsOf;
    FeedId m_lastFeed = 0;
    int m_seatCount = 0;
    std::thread m_thread;
};

}  // namespace headgate
