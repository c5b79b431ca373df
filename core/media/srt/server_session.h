#pragma once

#include "core/media/hub/loop_group.h"
#include "core/media/hub/session_gate.h"
#include "core/media/net/log.h"
#include "core/media/srt/library.h"
#include "core/media/srt/sender.h"
#include "core/media/srt/stream_id.h"
#include "core/media/ts/frame_maker.h"
#include "core/media/ts/shared_muxer.h"

#include <optional>
#include <string>

namespace headgate::srt {

// What every session of a server works with.
struct ServerContext
{
    LoopGroup& loops;
    SessionGate& gate;  // for the main loop's thread
    const Log& log;
    std::shared_ptr<LinkMeter> meter{};
};

// One SRT caller: a publisher or a viewer of MPEG-TS. It begins while the caller still waits to be accepted.
//
// libsrt's threads receive, send and repeat; here is only what goes in and out. Its epoll is nothing that the event
// loop could wait for, so publishers are looked at every few ms, which is little beside the latency that the receiver
// keeps anyway, and costs no thread and no hand-over.
class ServerSession final : public Session, private Subscriber, private Publisher
{
public:
    ServerSession(ServerContext context, StreamWish wish, std::string peer);
    ~ServerSession() override;

    // Asks whether it may. The error, if that is known at once.
    std::optional<Error> ask();
    void accepted(SrtSocket socket);
    const std::string& peer() const { return m_peer; }
    void disconnect(std::string_view reason) override { end(reason); }

    std::optional<StreamViewer> viewing(const StreamKey& stream) override;
    bool isViewer() const override { return m_playing != nullptr || m_awaitsStream; }

private:
    void moveTo(EventLoop& to) override;
    void arrived(Stream* stream) override;

    Kind kind() const override { return Kind::Viewer; }
    void deliver(const SharedFrame& frame) override;
    void streamEnded() override;
    std::size_t waitingBytes() const override { return m_sender.waitingBytes(); }
    Duration waitingTime() const override { return m_sender.waitingTime(host().loop().now()); }
    std::size_t dropWaiting() override { return m_sender.dropWaiting(); }

    void replaced() override;

    PublishRequest request() const;
    void decided(AccessVerdict verdict);
    std::optional<Error> objection();
    void begin();
    void refuse(const Error& error);
    void beginPublishing();
    void receive();
    CBytePerfMon measure();
    void checkPublisher();
    void beginPlaying();
    void join(Stream& stream);
    void send();
    void goOn(Sender::State state);
    void checkViewer();
    void closeWhenSent();
    void end(std::string_view reason);
    void leave(SessionGate::Departure departure);
    SessionGate::Departure departure() const;

    ServerContext m_context;
    StreamWish m_wish;
    std::string m_peer;
    SrtSocket m_socket;  // none until it is accepted
    Timer m_setupTimer;  // until it publishes or plays, and until the first frame
    Timer m_workTimer;   // a publisher's next look, a viewer's next try, the end that waits for the last packets
    Timer m_livenessTimer;
    std::string m_linkText;  // how the connection was when it was looked at last
    bool m_isDecided = false;
    std::optional<Error> m_refusal;
    std::unique_ptr<AccessPass> m_pass;

    Stream* m_publishing = nullptr;
    std::optional<ts::FrameMaker> m_frames;
    MonotonicTime m_lastFrame;
    MonotonicTime m_lastPacket;
    std::int64_t m_packets = 0;

    Stream* m_playing = nullptr;
    bool m_awaitsStream = false;  // admitted, and on its way to the loop that serves it
    std::shared_ptr<ts::SharedMuxer> m_muxer;
    Sender m_sender;
    std::optional<MonotonicTime> m_sentAt;  // all of a stream that has ended
};

}  // namespace headgate::srt
