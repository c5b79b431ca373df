#pragma once

#include "core/media/hls/desk.h"
#include "core/media/http/metrics_page.h"
#include "core/media/http/reply.h"
#include "core/media/http/web_socket.h"
#include "core/media/hub/edge_list.h"
#include "core/media/hub/loop_group.h"
#include "core/media/hub/session_gate.h"
#include "core/media/net/connection.h"
#include "core/media/net/log.h"
#include "core/media/recording/vod_desk.h"
#include "core/media/ts/shared_muxer.h"
#include "core/media/webrtc/signalling.h"

namespace headgate::http_flv {

struct ServerContext
{
    LoopGroup& loops;
    SessionGate& gate;  // for the main loop's thread
    EdgeList& edges;    // as well
    const Log& log;
    const MetricsPage& metrics;
    hls::Desk& hls;
    recording::VodDesk& vod;
    webrtc::Signalling* signalling = nullptr;  // for the main loop's thread; null if the node does not speak WebRTC
};

// One connection: asks for playlists and segments of HLS, as many as it likes, or for one thing more: a stream as
// HTTP-FLV, WebSocket-FLV or MPEG-TS, whether the node is well, its figures, or something about a session of WebRTC.
class ServerSession final : public Session, private ConnectionOwner, private Subscriber, private Asker
{
public:
    ServerSession(ServerContext context, Socket socket, std::unique_ptr<TlsStream> tls = nullptr);
    ~ServerSession() override;

    std::optional<StreamViewer> viewing(const StreamKey& stream) override;
    bool isViewer() const override { return m_playing != nullptr; }
    void disconnect(std::string_view reason) override;

private:
    void moveTo(EventLoop& to) override;
    void arrived(Stream* stream) override;

    void bytesReceived(ByteView bytes) override;
    void connectionEnded(std::string_view reason) override;

    Kind kind() const override { return Kind::Viewer; }
    void deliver(const SharedFrame& frame) override;
    void streamEnded() override;
    std::size_t waitingBytes() const override { return m_connection.waitingBytes(); }
    Duration waitingTime() const override { return m_connection.waitingTime(); }
    std::size_t dropWaiting() override { return m_connection.dropWaiting(); }

    void answered(const SharedReply& reply) override;
    void continued(const SharedBytes& piece) override;
    void pieceSent();

    void take(RequestReader::State state);
    void serve(const Request& request);
    void ask(const Request& request);
    void respond(const Reply& reply);
    void replied(bool isRefusal);
    void serveStream(const std::string& path, const Request& request);
    AccessRequest wishFor(const Request& request);
    void beginStream(const std::string& path, SoundForm sound);
    void signal(const Request& request);
    void refuse(const Error& error);
    void nameEdge();
    void join(Stream& stream);
    bool offersWebSocket(const Request& request);
    void listen(ByteView bytes);
    bool obey(Opcode opcode, Bytes payload);
    void sendClose(CloseCode code);
    void answer(int status, std::string_view body, std::string_view extraFields = {},
                std::string_view type = "text/plain; charset=utf-8");
    void tellFigures();
    void startStream();
    std::string_view protocol() const;
    void checkLiveness();
    void leave();

    ServerContext m_context;
    Connection m_connection;
    RequestReader m_reader;
    Timer m_setupTimer;
    Timer m_livenessTimer;
    Stream* m_playing = nullptr;
    std::unique_ptr<AccessPass> m_pass;                                        // what it plays with
    std::shared_ptr<Asker> m_asker{static_cast<Asker*>(this), [](Asker*) {}};  // for answers that may come too late
    bool m_isAsking = false;
    std::shared_ptr<BodySource> m_source;  // of the answer that is under way
    std::size_t m_unsent = 0;              // of it, that the source did not give yet
    MonotonicTime m_lastAsked;
    bool m_isAnswered = false;
    bool m_isStarted = false;
    bool m_isHead = false;
    enum class Transport
    {
        Plain,    // HTTP/1.0: until the connection ends
        Chunked,  // HTTP/1.1
        WebSocket
    } m_transport = Transport::Plain;
    bool m_isTransportStream = false;  // MPEG-TS, until the connection ends
    std::shared_ptr<ts::SharedMuxer> m_muxer;
    WebSocketReader m_webSocket;
    std::string m_accept;  // the proof that the server speaks WebSocket
    bool m_isClosing = false;
};

}  // namespace headgate::http_flv
