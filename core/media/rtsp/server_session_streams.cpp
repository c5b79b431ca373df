// What ServerSession does as a viewer and as a publisher.
#include "core/media/rtp/rtcp.h"
#include "core/media/rtsp/server_session.h"

#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <utility>

namespace headgate::rtsp {

namespace {

constexpr Duration patience{10'000};
constexpr Duration trackPatience{500};
constexpr Duration livenessPeriod{5000};

std::string randomName()
{
    std::uint64_t number = 0;
    ::RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number);
    return std::to_string(number);
}

std::string textOfPair(const char* name, int first, int second)
{
    return std::string(";") + name + "=" + std::to_string(first) + "-" + std::to_string(second);
}

}  // namespace

// --- Viewers. ---

void ServerSession::describe(const Request& request)
{
    if (m_state != State::Idle)
        return refuse(455, "One stream is described on a connection, once.");
    if (const std::string_view accept = request.field("accept");
        !accept.empty() && accept.find("application/sdp") == std::string_view::npos &&
        accept.find('*') == std::string_view::npos)
        return refuse(415, "Streams are described as application/sdp.");
    authorize(SessionRole::Viewer, request, [this] { findTracks(); });
}

void ServerSession::findTracks()
{
    const auto found = m_context.gate.admitViewer(m_target.path);
    if (!found)
        return refuse(found.error());
    m_state = State::Describing;
    m_isBusy = true;
    m_playing = *found;
    m_playing->subscribe(*this);
    lookForTracks();
}

// Told in a turn of its own: this may be amidst the delivery of a frame.
void ServerSession::lookForTracks()
{
    const GopCache& cache = m_playing->cache();
    const bool hasVideo = cache.videoHeader() != nullptr;
    const bool hasAudio = cache.audioHeader() != nullptr;
    // What is live for longer than the patience has told all of its tracks.
    if ((hasVideo && hasAudio) || (hasVideo && cache.span() > trackPatience))
        m_trackTimer.start(Duration(0), [this] { tellTracks(); });
    else if ((hasVideo || hasAudio) && !m_trackTimer.isRunning())
        m_trackTimer.start(trackPatience, [this] { tellTracks(); });
}

void ServerSession::tellTracks()
{
    m_tracks = playableTracks(m_playing->cache());
    if (m_tracks.empty()) {
        std::exchange(m_playing, nullptr)->unsubscribe(*this);
        m_state = State::Idle;
        refuse(415, "The stream has nothing that is served over RTSP, which is H.264, H.265, AAC and Opus.");
        return resume();
    }
    m_state = State::Described;
    awaitStep();
    const std::string url = m_target.base + "/" + m_target.path;
    const std::string sdp = rtsp::describe(m_tracks, url, m_target.path);
    respond(200, "Content-Type: application/sdp\r\nContent-Base: " + url + "/\r\n", sdp);
    resume();
}

void ServerSession::setup(const Request& request)
{
    std::optional<std::size_t> track;
    if (m_state == State::Described) {
        constexpr std::string_view mark = "trackID=";
        const std::size_t place = request.url.rfind(mark);
        const std::size_t digit = place == std::string::npos ? request.url.size() : place + mark.size();
        if (digit < request.url.size() && request.url[digit] >= '0' && request.url[digit] <= '9')
            track = static_cast<std::size_t>(request.url[digit] - '0');
        if (!track || *track >= m_tracks.size())
            return refuse(404, "The stream has no such track.");
    } else if (m_state == State::Announced) {
        track = m_recorder->find(request.url);
        if (!track)
            return refuse(404, "No such track was announced.");
    } else {
        return refuse(455, "A stream is described or announced before it is set up.");
    }
    if (!provesLogin(request))
        return;
    std::string fields;
    auto route = routeOf(request, *track, fields);
    if (!route)
        return;
    if (m_session.empty())
        m_session = randomName();
    if (m_state == State::Announced) {
        m_recorder->setRoute(*track, std::move(*route));
    } else {
        constexpr std::size_t digits = 8;
        std::array<char, digits> text{};
        const auto written = std::to_chars(text.data(), text.data() + text.size(),
                                           m_player.add(m_tracks[*track], std::move(*route)), 16);
        const std::string ssrc(text.data(), written.ptr);
        fields += ";ssrc=" + std::string(digits - ssrc.size(), '0') + ssrc;
    }
    awaitStep();
    respond(200, fields + "\r\n");
}

std::optional<Route> ServerSession::routeOf(const Request& request, std::size_t track, std::string& fields)
{
    const auto wish = chooseTransport(request.field("transport"));
    if (!wish) {
        refuse(461, "RTP is carried by the connection (RTP/AVP/TCP, interleaved) or by unicast UDP (RTP/AVP).");
        return std::nullopt;
    }
    Route route;
    if (wish->isInterleaved) {
        const int first = static_cast<int>(track) * 2;
        route.channels = wish->places.value_or(std::pair(first, first + 1));
        fields =
            "Transport: RTP/AVP/TCP;unicast" + textOfPair("interleaved", route.channels.first, route.channels.second);
        return route;
    }
    auto udp = UdpPair::open(m_localHost, m_peerHost, *wish->places);
    if (!udp) {
        refuse(453, udp.error().message + " " + udp.error().remedy);
        return std::nullopt;
    }
    route.udp = std::move(*udp);
    const int port = route.udp->port();
    fields = "Transport: RTP/AVP;unicast" + textOfPair("client_port", wish->places->first, wish->places->second) +
             textOfPair("server_port", port, port + 1);
    return route;
}

void ServerSession::play(const Request& request)
{
    if (m_state == State::Playing) {
        respond(200, "Range: npt=now-\r\n");
        if (std::exchange(m_isPaused, false) && m_playing != nullptr) {
            m_playing->unsubscribe(*this);
            m_playing->subscribe(*this, host().joinLatency());
        }
        return;
    }
    if (m_state != State::Described || m_player.isEmpty())
        return refuse(455, "Nothing is set up to be played.");
    if (provesLogin(request))
        beginPlaying();
}

void ServerSession::beginPlaying()
{
    if (m_playing != nullptr)
        std::exchange(m_playing, nullptr)->unsubscribe(*this);
    // Without itself, which DESCRIBE made a subscriber already.
    const auto admitted = m_context.gate.admitViewer(m_target.path, m_pass.get());
    if (!admitted) {
        m_state = State::Idle;
        return refuse(admitted.error());
    }
    m_context.log.client("rtsp " + m_connection.peer() + ": plays " + m_target.path +
                         (m_player.usesUdp() ? " by UDP" : ""));
    m_state = State::Playing;
    m_isBusy = m_context.loops.sendAway(*this, **admitted, kind());
    if (!m_isBusy)
        join(**admitted);
}

void ServerSession::moveTo(EventLoop& to)
{
    m_setupTimer.moveTo(to);
    m_trackTimer.moveTo(to);
    m_livenessTimer.moveTo(to);
    m_player.moveTo(to);
    m_connection.moveTo(to);
}

void ServerSession::arrived(Stream* stream)
{
    m_connection.arrived();
    if (stream == nullptr)
        return end("the stream has ended");
    join(*stream);
    if (m_connection.isOpen())
        resume();
}

void ServerSession::join(Stream& stream)
{
    m_playing = &stream;
    respond(200, "Range: npt=now-\r\n");
    m_player.watch([this](ByteView rtcp) { takeReport(rtcp); });
    m_setupTimer.start(patience, [this] { end("nothing came of the stream within 10 s"); });
    m_livenessTimer.startRepeating(livenessPeriod, [this] { checkLiveness(); });
    m_playing->subscribe(*this, host().joinLatency());
}

void ServerSession::pause(const Request&)
{
    // A publisher that pauses sends nothing, which needs nothing here.
    if (m_state != State::Playing && m_state != State::Recording)
        return refuse(455, "Nothing is played.");
    m_isPaused = m_state == State::Playing;
    respond(200);
}

void ServerSession::deliver(const SharedFrame& frame)
{
    if (m_state == State::Describing)
        return lookForTracks();
    if (m_state != State::Playing || m_isPaused)
        return;
    if (frame->isSequenceHeader() && frame->track() == 0 && hasOtherTracks())
        return end("the stream goes on in another encoding");
    if (!frame->isEssential())
        m_setupTimer.stop();
    m_player.send(frame);
}

// SDP told the encodings once and for all; parameter sets are sent beside the pictures.
bool ServerSession::hasOtherTracks() const
{
    for (const TrackDescription& now : playableTracks(m_playing->cache())) {
        for (const TrackDescription& told : m_tracks) {
            if (now.isVideo() == told.isVideo() && (now.codec != told.codec || now.configuration != told.configuration))
                return true;
        }
    }
    return false;
}

void ServerSession::takeReport(ByteView rtcp)
{
    m_heardAt = host().loop().now();
    readRtcp(rtcp, [this](const RtcpFeedback& feedback) {
        constexpr double unitsOfMs = 65.536;
        const auto now = static_cast<std::uint32_t>(ntpNow() >> 16);
        const std::uint32_t passed = now - feedback.lastSenderReport - feedback.sinceSenderReport;
        if (feedback.hasReport && feedback.lastSenderReport != 0 && static_cast<std::int32_t>(passed) >= 0)
            m_roundTripMs = passed / unitsOfMs;
    });
}

void ServerSession::streamEnded()
{
    m_playing = nullptr;
    m_pass.reset();
    m_trackTimer.stop();
    if (m_state == State::Describing)
        refuse(404, "The stream is not live.");
    if (m_state == State::Playing)
        m_player.finish();
    m_connection.closeAfterSending();
}

std::optional<StreamViewer> ServerSession::viewing(const StreamKey& stream)
{
    if (m_playing == nullptr || m_state != State::Playing || m_playing->key() != stream)
        return std::nullopt;
    StreamViewer viewer =
        Session::describe(*this, {m_connection.peer(), static_cast<std::int64_t>(m_player.waitingBytes()),
                                  m_connection.unacknowledgedBytes(), m_player.waitingTime(),
                                  m_player.usesUdp() ? m_roundTripMs : m_connection.roundTripMs(),
                                  static_cast<std::int64_t>(m_player.bytesSent())});
    viewer.protocol = "rtsp";
    return viewer;
}

// --- Publishers. ---

void ServerSession::announce(const Request& request)
{
    if (m_state != State::Idle)
        return refuse(455, "One stream is announced on a connection, once.");
    auto tracks = readAnnounced(request.body);
    if (!tracks)
        return refuse(tracks.error());
    authorize(SessionRole::Publisher, request, [this, tracks = std::move(*tracks)] {
        const auto allowed = m_context.gate.mayPublish(
            {m_target.path, m_credential, m_connection.peer(), m_pass.get(), "rtsp"}, host().loop().now());
        if (!allowed)
            return refuse(allowed.error());
        m_recorder.emplace(m_connection, host().loop(), tracks, [this](const SharedFrame& frame) {
            m_lastMedia = host().loop().now();
            if (m_publishing != nullptr)
                m_publishing->push(frame, m_lastMedia);
        });
        m_state = State::Announced;
        respond(200);
    });
}

void ServerSession::record(const Request& request)
{
    if (m_state != State::Announced || !m_recorder->isReady())
        return refuse(455, "Not every track that was announced is set up.");
    if (provesLogin(request))
        beginRecording();
}

void ServerSession::beginRecording()
{
    const MonotonicTime now = host().loop().now();
    const auto admitted = m_context.gate.admitPublisher(
        {m_target.path, m_credential, m_connection.peer(), m_pass.get(), "rtsp"}, *this, now);
    if (!admitted)
        return refuse(admitted.error());
    m_publishing = *admitted;
    m_state = State::Recording;
    m_lastMedia = now;
    leaveSeat();
    m_setupTimer.stop();
    m_livenessTimer.startRepeating(livenessPeriod, [this] { checkLiveness(); });
    m_recorder->start();
    m_context.log.client("rtsp " + m_connection.peer() + ": publishes " + m_target.path);
    respond(200);
}

void ServerSession::replaced()
{
    m_publishing = nullptr;
    end("another publisher took the name, since nothing came here for 2 s");
}

}  // namespace headgate::rtsp
