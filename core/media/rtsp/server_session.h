#pragma once

#include "core/media/hub/loop_group.h"
#include "core/media/hub/session_gate.h"
#include "core/media/net/connection.h"
#include "core/media/net/log.h"
#include "core/media/rtsp/digest.h"
#include "core/media/rtsp/message.h"
#include "core/media/rtsp/player.h"
#include "core/media/rtsp/recorder.h"

#include <map>
#include <string>

namespace headgate::rtsp {

// Of streams that have one of their own.
using Logins = std::map<StreamKey, Login>;

// What every session of a server works with.
struct ServerContext
{
    LoopGroup& loops;
    SessionGate& gate;  // for the main loop's thread
    const Log& log;
    const Logins& logins;  // as well
};

// One client of the RTSP server (RFC 2326): a publisher or a viewer of one stream. Its session is that of its
// connection, and ends with it.
class ServerSession final : public Session, private ConnectionOwner, private Subscriber, private Publisher
{
public:
    ServerSession(ServerContext context, Socket socket);
    ~ServerSession() override;

    std::optional<StreamViewer> viewing(const StreamKey& stream) override;
    bool isViewer() const override { return m_state == State::Playing; }
    void disconnect(std::string_view reason) override { end(reason); }

private:
    enum class State
    {
        Idle,
        Describing,  // it is not known yet what the stream has
        Described,
        Announced,
        Playing,  // or on its way to the loop that serves it
        Recording
    };

    void moveTo(EventLoop& to) override;
    void arrived(Stream* stream) override;

    void bytesReceived(ByteView bytes) override;
    void connectionEnded(std::string_view reason) override;

    Kind kind() const override { return Kind::Viewer; }
    void deliver(const SharedFrame& frame) override;
    void streamEnded() override;
    std::size_t waitingBytes() const override { return m_player.waitingBytes(); }
    Duration waitingTime() const override { return m_player.waitingTime(); }
    std::size_t dropWaiting() override { return m_player.dropWaiting(); }

    void replaced() override;

    void process();
    void resume();
    void handle(const Request& request);
    void handlePacket();
    void takeReport(ByteView rtcp);

    void options(const Request& request);
    void keepAlive(const Request& request);
    void describe(const Request& request);
    void announce(const Request& request);
    void setup(const Request& request);
    void play(const Request& request);
    void pause(const Request& request);
    void record(const Request& request);
    void teardown(const Request& request);

    void authorize(SessionRole role, const Request& request, std::function<void()> go);
    const Login* login() const;
    bool provesLogin(const Request& request);
    void challenge(std::string_view lines);
    void findTracks();
    void lookForTracks();
    void tellTracks();
    std::optional<Route> routeOf(const Request& request, std::size_t track, std::string& fields);
    void beginPlaying();
    void join(Stream& stream);
    void beginRecording();
    bool hasOtherTracks() const;
    void checkLiveness();

    void awaitStep();
    void respond(int status, std::string_view fields = {}, std::string_view body = {});
    void refuse(const Error& error);
    void refuse(int status, std::string_view why);
    void leave(SessionGate::Departure departure);
    void end(std::string_view reason);

    ServerContext m_context;
    std::string m_localHost;
    std::string m_peerHost;
    Connection m_connection;
    MessageReader m_reader;
    bool m_isProcessing = false;
    bool m_isBusy = false;  // with a request that has no answer yet
    std::string m_sequence;
    std::string m_session;  // its name, once something is set up
    Digest m_digest;
    int m_refusals = 0;
    Target m_target;
    std::string m_credential;
    std::unique_ptr<AccessPass> m_pass;
    State m_state = State::Idle;
    Timer m_setupTimer;  // until the next step
    Timer m_trackTimer;
    Timer m_livenessTimer;
    MonotonicTime m_heardAt;

    Stream* m_playing = nullptr;
    std::vector<TrackDescription> m_tracks;  // that the viewer was told of
    Player m_player;
    bool m_isPaused = false;
    double m_roundTripMs = 0;

    Stream* m_publishing = nullptr;
    std::optional<Recorder> m_recorder;
    MonotonicTime m_lastMedia;
};

}  // namespace headgate::rtsp
