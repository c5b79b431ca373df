#pragma once

#include "core/base/result.h"
#include "core/media/bench/message_counter.h"
#include "core/media/net/socket.h"
#include "core/media/rtmp/chunk_stream.h"
#include "core/media/rtmp/command.h"

#include <string>
#include <string_view>

namespace headgate::bench {

// "rtmp://127.0.0.1:1935/live/show" or "http://127.0.0.1:5080/live/show.flv".
struct StreamUrl
{
    bool isHttp = false;
    SocketAddress server;
    std::string path;         // with its first slash
    std::string application;  // of RTMP
    std::string name;
};
Result<StreamUrl> parseStreamUrl(std::string_view text);

// One publisher or viewer, driven by whoever owns the epoll instance.
class LoadClient
{
public:
    enum class Role
    {
        View,
        Publish
    };
    enum class State
    {
        Idle,
        Connecting,
        Greeting,  // handshake, or the request is out
        Commands,
        Streaming,
        Failed
    };

    void start(const StreamUrl& url, Role role, int epoll, std::uint64_t tag);
    void handleEvent(std::uint32_t events, int epoll, std::uint64_t tag, const MessageSink& sink);

    // A publisher that is streaming. False if the socket has not taken it; then the publisher is behind.
    bool send(const rtmp::Message& message, std::uint32_t chunkStream);
    void stopReading(int epoll);

    State state() const { return m_state; }
    const std::string& failure() const { return m_failure; }
    std::uint64_t startedNs() const { return m_startedNs; }
    std::uint64_t bytes() const { return m_bytes; }
    std::uint64_t lastByteNs() const { return m_lastByteNs; }

private:
    void fail(std::string why);
    void flush();
    void greet();
    void receive(const MessageSink& sink);
    ByteView takeHandshake(ByteView bytes);
    void command(const char* name, double transaction, std::vector<Amf0> arguments, std::uint32_t streamId);
    void handleCommand(const SeenMessage& message);
    void acknowledge();

    StreamUrl m_url;
    Role m_role = Role::View;
    State m_state = State::Idle;
    std::string m_failure;
    Socket m_socket;
    Bytes m_out;
    rtmp::ChunkWriter m_writer;
    RtmpCounter m_rtmp;
    HttpFlvCounter m_http;
    std::size_t m_handshakeBytes = 0;
    Bytes m_serverHello;
    std::uint64_t m_startedNs = 0;
    std::uint64_t m_bytes = 0;
    std::uint64_t m_acknowledged = 0;
    std::uint64_t m_lastByteNs = 0;
};

}  // namespace headgate::bench
