#include "core/media/rtsp/recorder.h"

#include <algorithm>

namespace headgate::rtsp {

Recorder::Recorder(Connection& connection, EventLoop& loop, const std::vector<TrackDescription>& tracks,
                   ReceivedMedia::Use use)
    : m_connection(connection), m_loop(loop), m_look(loop), m_reports(loop)
{
    for (const TrackDescription& track : tracks)
        m_tracks.push_back(Track{ReceivedMedia(track, use)});
}

std::optional<std::size_t> Recorder::find(std::string_view url) const
{
    for (std::size_t i = 0; i < m_tracks.size(); ++i) {
        const std::string& control = m_tracks[i].media.description().control;
        if (!control.empty() && control != "*" && url.ends_with(control))
            return i;
    }
    return m_tracks.size() == 1 ? std::optional<std::size_t>(0) : std::nullopt;
}

void Recorder::setRoute(std::size_t track, Route route)
{
    m_tracks[track].route = std::move(route);
}

bool Recorder::isReady() const
{
    return std::all_of(m_tracks.begin(), m_tracks.end(), [](const Track& track) { return track.route.has_value(); });
}

void Recorder::start()
{
    constexpr Duration lookPeriod{20};
    constexpr Duration reportPeriod{5000};
    m_startedAt = m_loop.now();
    for (Track& track : m_tracks) {
        if (!track.route->udp)
            continue;
        track.route->udp->watch(m_loop,
                                [this, &track](UdpPair::Kind kind, ByteView bytes) { take(track, kind, bytes); });
    }
    m_look.startRepeating(lookPeriod, [this] {
        for (Track& track : m_tracks)
            track.media.look(m_loop.now());
    });
    m_reports.startRepeating(reportPeriod, [this] { report(); });
}

void Recorder::stop()
{
    m_look.stop();
    m_reports.stop();
    for (const Track& track : m_tracks) {
        if (track.route && track.route->udp)
            track.route->udp->unwatch();
    }
}

void Recorder::takeInterleaved(int channel, ByteView packet)
{
    for (Track& track : m_tracks) {
        if (!track.route || track.route->udp)
            continue;
        if (channel == track.route->channels.first)
            return take(track, UdpPair::Kind::Rtp, packet);
        if (channel == track.route->channels.second)
            return take(track, UdpPair::Kind::Rtcp, packet);
    }
}

void Recorder::take(Track& track, UdpPair::Kind kind, ByteView packet)
{
    // Pictures may be decoded before the first of them is shown.
    constexpr Duration start{1000};
    if (!m_startedAt)
        return;
    const MonotonicTime now = m_loop.now();
    if (kind == UdpPair::Kind::Rtp) {
        track.media.takeRtp(packet, now, start + std::chrono::duration_cast<Duration>(now - *m_startedAt));
        return;
    }
    track.media.takeRtcp(packet, now);
    for (Track& sound : m_tracks) {
        for (const Track& pictures : m_tracks) {
            if (!sound.media.description().isVideo() && pictures.media.description().isVideo())
                sound.media.alignWith(pictures.media);
        }
    }
}

void Recorder::report()
{
    for (Track& track : m_tracks) {
        const Bytes report = track.media.report(m_loop.now());
        if (report.empty())
            continue;
        if (track.route->udp) {
            track.route->udp->sendRtcp(report);
            continue;
        }
        Bytes out;
        appendInterleaved(out, track.route->channels.second, report);
        m_connection.send(std::move(out));
    }
}

}  // namespace headgate::rtsp
