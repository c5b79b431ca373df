#pragma once

#include "core/media/net/connection.h"
#include "core/media/rtmp/chunk_stream.h"

#include <memory>

namespace headgate::rtmp {

// RTMP 1.0, 7.1.7.
enum class UserControl : std::uint16_t
{
    StreamBegin = 0,
    StreamEnd = 1,
    SetBufferLength = 3,
    PingRequest = 6,
    PingResponse = 7
};

class LinkOwner
{
public:
    virtual ~LinkOwner() = default;
    virtual void linkReady() = 0;                         // the handshake is done
    virtual void messageReceived(Message message) = 0;    // control messages are dealt with by the link
    virtual void linkEnded(std::string_view reason) = 0;  // last call
};

// One RTMP connection below the commands, for both sides: handshake, chunks both ways, acknowledgements, pings. The
// link must outlive each call to its owner: end it with EventLoop::retire().
class Link final : private ConnectionOwner
{
public:
    enum class Side
    {
        Server,
        Client
    };

    // Announced to every peer, so that what is sent to many can be cut once.
    static constexpr std::uint32_t chunkSize = 60'000;

    Link(EventLoop& loop, Socket socket, Side side, LinkOwner& owner, std::unique_ptr<TlsStream> tls = nullptr);

    void send(std::uint32_t chunkStream, const Message& message);
    void sendUserControl(UserControl event, std::uint32_t value);
    void sendWindow();                                     // our window, bandwidth and chunk size
    void sendShared(const SharedBytes& bytes, Keep keep);  // made by appendWhole() with chunkSize

    Connection& connection() { return m_connection; }
    const Connection& connection() const { return m_connection; }

    // The other side may send media from now on, whose messages are larger than those of commands.
    void takeMedia() { m_reader.setLargestMessage(largestMessage); }

    // Ends without a call to the owner.
    void close() { m_connection.close(); }

    // To another loop, see Connection; after linkReady().
    void moveTo(EventLoop& to);
    void arrived() { m_connection.arrived(); }

private:
    void connectionReady() override;
    void bytesReceived(ByteView bytes) override;
    void connectionEnded(std::string_view reason) override;

    std::size_t takeHandshake(ByteView bytes);
    void answerHello();
    void handle(Message message);
    void handleUserControl(const Message& message);
    void acknowledge();
    void refuse(std::string_view reason);

    Side m_side;
    LinkOwner& m_owner;
    Connection m_connection;
    Timer m_handshakeTimer;
    enum class State
    {
        Hello,  // C0 and C1, or S0 and S1
        Echo,   // C2, or S2
        Open
    } m_state = State::Hello;
    Bytes m_handshake;  // what came of the part that is awaited
    ChunkReader m_reader;
    ChunkWriter m_writer;
    std::uint32_t m_peerWindow = 2'500'000;
    std::uint64_t m_acknowledged = 0;
};

}  // namespace headgate::rtmp
