#pragma once

#include "core/media/net/connection.h"
#include "core/media/rtsp/received_media.h"
#include "core/media/rtsp/transport.h"

#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace headgate::rtsp {

// Takes what one publisher sends, each track the way that was agreed on. Lives on the main loop.
class Recorder
{
public:
    Recorder(Connection& connection, EventLoop& loop, const std::vector<TrackDescription>& tracks,
             ReceivedMedia::Use use);

    // Which track the URL of a SETUP is about; none if it is about none of them.
    std::optional<std::size_t> find(std::string_view url) const;
    void setRoute(std::size_t track, Route route);
    // Every track has one.
    bool isReady() const;

    void start();
    void stop();
    bool isStarted() const { return m_startedAt.has_value(); }

    // What came between the messages of the connection.
    void takeInterleaved(int channel, ByteView packet);

private:
    struct Track
    {
        ReceivedMedia media;
        std::optional<Route> route{};
    };

    void take(Track& track, UdpPair::Kind kind, ByteView packet);
    void report();

    Connection& m_connection;
    EventLoop& m_loop;
    std::deque<Track> m_tracks;
    std::optional<MonotonicTime> m_startedAt;
    Timer m_look;  // for what is missing
    Timer m_reports;
};

}  // namespace headgate::rtsp
