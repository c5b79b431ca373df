#pragma once

#include "core/media/hub/media_frame.h"
#include "core/media/net/connection.h"
#include "core/media/rtsp/description.h"
#include "core/media/rtsp/transport.h"

#include <deque>
#include <vector>

namespace headgate::rtsp {

// Sends a stream to one viewer as RTP, each track the way that was agreed on. Belongs to the loop of its session.
class Player
{
public:
    Player(Connection& connection, EventLoop& loop) : m_connection(connection), m_loop(&loop), m_pace(loop) {}

    // The track takes the place of one of its kind. Its SSRC.
    std::uint32_t add(TrackDescription description, Route route);
    bool isEmpty() const { return m_tracks.empty(); }

    // Of what the viewer's side sends by UDP.
    using Use = std::function<void(ByteView rtcp)>;
    void watch(Use use);
    void moveTo(EventLoop& to);
    void stop();

    void send(const SharedFrame& frame);

    // Sender reports of all tracks that were sent.
    void report();
    // The last packets, whatever they are, and that no more come.
    void finish();

    bool usesUdp() const;
    std::size_t waitingBytes() const { return m_connection.waitingBytes() + m_waitingBytes; }
    Duration waitingTime() const;
    std::size_t dropWaiting();
    std::uint64_t bytesSent() const { return m_connection.bytesSent() + m_udpBytes; }

private:
    struct Track
    {
        TrackDescription description;
        Route route;
        std::uint32_t ssrc = 0;
        std::uint16_t sequence = 0;
        std::uint32_t offset = 0;  // of timestamps
        std::uint32_t packets = 0;
        std::uint32_t bytes = 0;
    };
    struct Waiting
    {
        Track* track = nullptr;
        SharedBytes payloads;
        std::size_t at = 0;
        std::int64_t mediaMs = 0;
        bool isMarked = false;
        MonotonicTime since;
    };

    Track* trackOf(FrameKind kind);
    void append(Track& track, const SharedFrame& frame, std::int64_t mediaMs, bool isMarked);
    void appendTo(Bytes& out, Track& track, const Waiting& packets) const;
    std::size_t writeHeader(Track& track, std::int64_t mediaMs, bool isMarked, std::span<std::uint8_t> room) const;
    std::uint32_t timestampOf(const Track& track, std::int64_t mediaMs) const;
    std::int64_t unwrapped(std::uint32_t ms);
    void sendWaiting();
    void sendReport(Track& track);
    void sendRtcp(const Track& track, ByteView packet);

    Connection& m_connection;
    EventLoop* m_loop;
    Timer m_pace;
    std::deque<Track> m_tracks;
    SharedFrame m_videoHeader;
    std::int64_t m_newestMs = 0;
    struct Clock
    {
        MonotonicTime at;
        std::int64_t mediaMs = 0;
    };
    std::optional<Clock> m_clock;   // when the first frame went out
    std::deque<Waiting> m_waiting;  // to go by UDP
    std::size_t m_waitingBytes = 0;
    std::uint64_t m_udpBytes = 0;
};

}  // namespace headgate::rtsp
