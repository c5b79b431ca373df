#pragma once

#include "core/media/hub/loop_group.h"
#include "core/media/hub/session_gate.h"
#include "core/media/net/log.h"
#include "core/media/rtmp/command.h"
#include "core/media/rtmp/link.h"

#include <string>
#include <vector>

namespace headgate::rtmp {

// What every session of a server works with.
struct ServerContext
{
    LoopGroup& loops;
    SessionGate& gate;  // for the main loop's thread
    const Log& log;
};

// One client of the RTMP server: a publisher, a viewer or a node that pulls.
class ServerSession final : public Session, private LinkOwner, private Subscriber, private Publisher
{
public:
    ServerSession(ServerContext context, Socket socket, std::unique_ptr<TlsStream> tls = nullptr);
    ~ServerSession() override;

    std::optional<StreamViewer> viewing(const StreamKey& stream) override;
    bool isViewer() const override { return (m_playing != nullptr || m_awaitsStream) && !m_isChild; }
    void disconnect(std::string_view reason) override { end(reason); }
    void askToReconnect(const Alternates& alternates, std::size_t turn) override;

private:
    void moveTo(EventLoop& to) override;
    void arrived(Stream* stream) override;

    void linkReady() override {}
    void messageReceived(Message message) override;
    void linkEnded(std::string_view reason) override;

    Kind kind() const override { return m_isChild ? Kind::Child : Kind::Viewer; }
    void deliver(const SharedFrame& frame) override;
    bool takesLayers() const override { return m_isChild && host().loop().now() < m_layersUntil; }
    void streamEnded() override;
    void streamRestarted() override;
    std::size_t waitingBytes() const override { return m_link.connection().waitingBytes(); }
    Duration waitingTime() const override { return m_link.connection().waitingTime(); }
    std::size_t dropWaiting() override { return m_link.connection().dropWaiting(); }

    void replaced() override;

    void handleCommand(const Command& command);
    bool handleWish(const Command& command);
    void connect(const Command& command);
    void createStream(const Command& command);
    void publish(const Command& command);
    void beginPublishing(const std::string& path, const std::string& credential);
    void play(const Command& command);
    void beginPlaying(const std::string& path, SoundForm sound);
    void authorize(AccessRequest request, std::string_view query, std::function<void()> begin);
    bool keep(Message& message);
    void handleKept();
    void join(Stream& stream);
    void startPlaying();
    void stopStream();
    void awaitCommand();
    void announceName(const Command& command, const char* answer, const char* code);
    void answer(const Command& command, Amf0 value);
    void sendStatus(const char* level, const char* code, std::string description);
    void sendPlayStatus(const char* code, std::string description);
    const char* refusalCode(const Error& error) const;
    void refuse(const char* code, const Error& error);
    std::string pathOf(const std::string& name) const;
    void checkLiveness();
    void end(std::string_view reason);
    void leave(SessionGate::Departure departure);

    ServerContext m_context;
    const bool m_isSecure;
    Link m_link;
    std::string m_peer;
    Timer m_setupTimer;     // until it publishes or plays, and until the first frame for a viewer
    Timer m_livenessTimer;  // publishers that fall silent, viewers that take nothing
    std::string m_application;
    std::string m_applicationQuery;
    Credentials m_credentials;  // of connect
    std::string m_userAgent;
    std::string m_pullToken;
    bool m_isConnected = false;
    int m_commands = 0;  // since it plays what it plays
    bool m_isChild = false;
    MonotonicTime m_layersUntil{};
    bool m_canReconnect = false;  // when asked to (enhanced RTMP v2)
    bool m_knowsOpus = false;     // so it said (enhanced RTMP)
    Stream* m_publishing = nullptr;
    Stream* m_playing = nullptr;
    bool m_isStarted = false;            // the viewer was told that it plays
    bool m_awaitsStream = false;         // admitted, and on its way to the loop that serves it
    std::unique_ptr<AccessPass> m_pass;  // what it publishes or plays with
    bool m_isMoving = false;
    bool m_isAsking = false;      // whether it may publish or play
    std::vector<Message> m_kept;  // what came while it was moving or asking
    std::size_t m_keptBytes = 0;
    MonotonicTime m_lastMedia;
};

}  // namespace headgate::rtmp
